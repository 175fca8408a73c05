"""The clients: one module of clients/ each, installed into a virtual environment of its own, run and read.

A module has  command(job)      the arguments of one run, the program first
              figures(job)      what the client says of itself, see FIGURES
and may have  prepare(job)      files that it needs
              environment(job)  variables
              find(options)     the path of a program that is not in `versions`; LookupError: why there is none
              only_when_named, traps_only, loads_only
"""
import importlib.util, json, os, pathlib, shutil, subprocess, sys, time, types

here = pathlib.Path(__file__).resolve().parent

# Seconds, counts and tokens per second; what a client does not say is left out or None.
FIGURES = ("ttft_mean", "ttft_p99", "ttfa_mean", "gap_mean", "gap_p99", "gap_max", "tpot_mean", "tokens_per_s",
           "tokens", "ok", "failed", "errors")


def versions():
    lines = (here / "versions").read_text().splitlines()
    return {line.split()[0]: line.split()[1:] for line in lines if line and not line.startswith("#")}


def pythons():
    """Whatever of them there is, the plain one first."""
    plain = [shutil.which(f"python3{minor}") for minor in ("", *(f".{n}" for n in range(16, 9, -1)))]
    own = sorted((pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv")) / "versions")
                 .glob("3.*/bin/python3"), reverse=True)
    return [str(path) for path in (*plain, *own) if path]


def python_for(oldest):
    """The first that is new enough and can make a virtual environment."""
    test = f"import sys, venv, ensurepip; sys.exit(sys.version_info[:2] < {tuple(map(int, oldest.split('.')))})"
    for python in pythons():
        if subprocess.run([python, "-c", test], capture_output=True).returncode == 0:
            return python
    raise LookupError(f"there is no Python {oldest} or newer with venv on this machine")


class Client:
    def __init__(self, name):
        file = pathlib.Path(name) if name.endswith(".py") else here / "clients" / f"{name.replace('-', '_')}.py"
        if not file.exists():
            raise SystemExit(f"compare: there is no client {name}: {file} is absent")
        self.name = file.stem.replace("_", "-")
        spec = importlib.util.spec_from_file_location(file.stem, file)
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)

    def has(self, name):
        return getattr(self.module, name, None)

    def get(self, options):
        """Its program, installed if need be; LookupError says why there is none."""
        if self.has("find"):
            self.program = str(self.module.find(options))
            if not shutil.which(self.program):
                raise LookupError(f"{self.program} is no program")
            return
        package, oldest = versions()[self.name]
        folder = options.scratch / "venv" / self.name
        self.program = str(folder / "bin" / self.name)
        done = folder / "installed"
        if not done.exists() or done.read_text() != package:
            install(package, python_for(oldest), folder)
            done.write_text(package)

    def start_up_s(self):
        """Wall time of --version, the second time: its files are in memory."""
        for _ in range(2):
            start = time.monotonic()
            subprocess.run([self.program, "--version"], stdin=subprocess.DEVNULL, capture_output=True)
        return time.monotonic() - start

    def run(self, job):
        """(what it says, what it cost); LookupError: it ended without saying anything."""
        job.program = self.program
        job.folder.mkdir(parents=True, exist_ok=True)
        if self.has("prepare"):
            self.module.prepare(job)
        cost = measure(job, [str(word) for word in self.module.command(job)],
                       self.module.environment(job) if self.has("environment") else {})
        try:
            return self.module.figures(job), cost
        except (OSError, LookupError, ValueError, TypeError, AttributeError, StopIteration):
            raise LookupError(why_silent(job, cost)) from None


def install(package, python, folder):
    print(f"compare: installs {package} into {folder}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    for command in ([python, "-m", "venv", folder],
                    [folder / "bin/python", "-m", "pip", "install", "--quiet", "--no-input",
                     "--disable-pip-version-check", package]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise LookupError(f"{package} cannot be installed: {last_line(done.stderr)}")


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it says nothing"


def measure(job, command, variables):
    with open(job.folder / "stdout", "wb") as out, open(job.folder / "stderr", "wb") as err:
        subprocess.run([sys.executable, here / "rival_measure.py", job.folder / "cost.json", str(job.timeout_s),
                        *command], stdout=out, stderr=err, env={**os.environ, **variables}, check=False)
    return types.SimpleNamespace(**json.loads((job.folder / "cost.json").read_text()))


def why_silent(job, cost):
    if cost.timed_out:
        return f"not done after {job.timeout_s} s"
    said = (job.folder / "stderr").read_text(errors="replace") or (job.folder / "stdout").read_text(errors="replace")
    return f"no figures (exit code {cost.exit_code}): {last_line(said)}"
