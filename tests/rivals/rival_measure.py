"""Runs a program and says what it and all that it starts cost (Linux):

    python3 rival_measure.py RESULT SECONDS PROGRAM [ARGUMENT]...

RESULT becomes {"start_ns", "seconds", "cpu_s", "peak_bytes", "exit_code", "timed_out"}. Processes that outlive their
parents are adopted, so that a client cannot hide its work in them, and are ended soon after the program itself. Memory
is what the kernel counts as each process's own and its part of what it shares (PSS), added up twice a second, or the
peak of the largest process where that is more."""
import ctypes, json, os, signal, sys, time

PR_SET_CHILD_SUBREAPER = 36
sample_every_s = 0.5
grace_s = 3


def children(pid):
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += [int(child) for child in file.read().split()]
    except OSError:
        pass  # it has just ended
    return found


def descendants(pid):
    below = []
    for child in children(pid):
        below += [child, *descendants(child)]
    return below


def memory(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next(1024 * int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def start(command):
    """Its pid, and when it started. A shell that ends at once stands between: a program's peak includes that of the
    process that forked it, and this Python's is above that of many a program. What the shell leaves is adopted like any
    other orphan, and lets the program begin only then."""
    told, tell = os.pipe()
    begun, begin = os.pipe()
    shell = os.fork()
    if shell == 0:
        os.dup2(tell, 9)
        os.dup2(begun, 8)
        os.close(begin)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        os.execv("/bin/sh", ["sh", "-c", '{ read -r go <&8; exec "$@" 8<&- 9>&-; } </dev/null & echo $! >&9', "sh",
                             *command])
    os.close(tell)
    os.close(begun)
    with os.fdopen(told) as line:
        root = int(line.readline())
    os.waitpid(shell, 0)
    os.close(begin)
    return root, time.monotonic_ns()


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def run(seconds, command):
    """Waits for the program, then for a moment for what it left behind, which is killed where it stays."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    root, start_ns = start(command)
    cost, ended_ns = {"start_ns": start_ns, "cpu_s": 0, "peak_bytes": 0, "timed_out": False}, 0
    while True:
        try:
            while (ended := os.wait4(-1, os.WNOHANG))[0]:
                pid, status, usage = ended
                cost["cpu_s"] += usage.ru_utime + usage.ru_stime
                cost["peak_bytes"] = max(cost["peak_bytes"], 1024 * usage.ru_maxrss)
                if pid == root:
                    ended_ns = time.monotonic_ns()
                    cost.update(exit_code=os.waitstatus_to_exitcode(status), seconds=(ended_ns - start_ns) / 1e9)
        except ChildProcessError:
            return cost
        below, now = descendants(os.getpid()), time.monotonic_ns()
        cost["peak_bytes"] = max(cost["peak_bytes"], sum(map(memory, below)))
        cost["timed_out"] |= not ended_ns and now - start_ns > seconds * 1e9
        if cost["timed_out"] or (ended_ns and now - ended_ns > grace_s * 1e9):
            kill(below)
        signal.sigtimedwait({signal.SIGCHLD}, sample_every_s)


def main():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with open(sys.argv[1], "w") as file:
        json.dump(run(float(sys.argv[2]), sys.argv[3:]), file)


main()
