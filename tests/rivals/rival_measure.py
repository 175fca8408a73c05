"""Runs a program and says what it and all that it starts cost:

    python3 rival_measure.py RESULT SECONDS PROGRAM [ARGUMENT]...

RESULT becomes {"start_ns", "seconds", "cpu_s", "peak_bytes", "exit_code", "timed_out"}. Processes that outlive their
parents are adopted, so that a client cannot hide its work in them, and are ended soon after the program itself. Memory
is what Linux counts as a process's own and its part of what it shares (PSS), added up twice a second."""
import ctypes, json, os, resource, signal, subprocess, sys, time

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


def run(seconds, command):
    """Waits for the program, then for a moment for what it left behind, which is killed where it stays."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    start_ns = time.monotonic_ns()
    root = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                            preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD}))
    ended_ns, status, peak, timed_out = 0, -1, 0, False
    while True:
        signal.sigtimedwait({signal.SIGCHLD}, sample_every_s)
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == root.pid:
                    ended_ns, status = time.monotonic_ns(), os.waitstatus_to_exitcode(ended[1])
        except ChildProcessError:
            break
        below = descendants(os.getpid())
        peak = max(peak, sum(map(memory, below)))
        now = time.monotonic_ns()
        timed_out |= not ended_ns and now - start_ns > seconds * 1e9
        if timed_out or (ended_ns and now - ended_ns > grace_s * 1e9):
            for pid in below:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    largest = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"start_ns": start_ns, "seconds": (ended_ns - start_ns) / 1e9, "cpu_s": usage.ru_utime + usage.ru_stime,
            "peak_bytes": max(peak, largest), "exit_code": status, "timed_out": timed_out}


def main():
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with open(sys.argv[1], "w") as file:
        json.dump(run(float(sys.argv[2]), sys.argv[3:]), file)


main()
