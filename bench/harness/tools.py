"""Finds the programs the benches run, installs Debian's packages of those that are missing, compiles the C ones."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
SEARCH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin"
NGINX_STREAM = "ngx_stream_module.so"
MODULES = Path("/usr/lib/nginx/modules")
PACKAGES = {
    "nginx": ["nginx"],
    "haproxy": ["haproxy"],
    "wrk": ["wrk"],
    "h2load": ["nghttp2-client"],
    "nghttpd": ["nghttp2-server"],
    "openssl": ["openssl"],
    NGINX_STREAM: ["libnginx-mod-stream"],
    "gcc": ["gcc", "libc6-dev"],
    "strace": ["strace"],
    "prlimit": ["util-linux"],
    "python3-h2": ["python3-h2"],
    "python3-hpack": ["python3-hpack"],
    "python3-websockets": ["python3-websockets"],
}
PYTHON = "python3-"  # begins the names of those that are modules of Python, not programs
SERVICES = ["nginx", "haproxy"]
POLICY = Path("/usr/sbin/policy-rc.d")


class Missing(Exception):
    """A program that is neither here nor could be installed."""


def find(name):
    if name.startswith(PYTHON):
        importlib.invalidate_caches()
        return name if importlib.util.find_spec(name.removeprefix(PYTHON)) else None
    module = MODULES / name
    return str(module) if module.is_file() else shutil.which(name, path=SEARCH)


def need(names):
    """Returns the paths of these programs, by name; installs packages of those that are missing."""
    missing = [name for name in names if not find(name)]
    if missing:
        install(missing)
    still = [name for name in names if not find(name)]
    if still:
        raise Missing("not found: " + ", ".join(still))
    return {name: find(name) for name in names}


def install(names):
    if not shutil.which("apt-get"):
        raise Missing("no apt-get to install: " + ", ".join(names))
    packages = [package for name in names for package in PACKAGES[name]]
    print("bench: installing " + " ".join(packages), file=sys.stderr)
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    env = ["env", "DEBIAN_FRONTEND=noninteractive"]
    with services_kept_down(sudo):
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
            done = subprocess.run(
                sudo + env + ["apt-get", *command], stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=600)
            if done.returncode != 0:
                raise Missing("apt-get " + " ".join(command) + " failed")
        if Path("/run/systemd/system").exists():
            for service in SERVICES:
                if service in names:
                    subprocess.run(sudo + ["systemctl", "disable", "--now", service], stdout=sys.stderr, timeout=60)


class services_kept_down:
    """While it lasts, packages do not start the services they bring."""

    def __init__(self, sudo):
        self.sudo = sudo
        self.ours = False

    def __enter__(self):
        if not POLICY.exists():
            subprocess.run(self.sudo + ["tee", str(POLICY)], input=b"#!/bin/sh\nexit 101\n",
                           stdout=subprocess.DEVNULL, timeout=30)
            subprocess.run(self.sudo + ["chmod", "755", str(POLICY)], timeout=30)
            self.ours = True

    def __exit__(self, *failure):
        if self.ours:
            subprocess.run(self.sudo + ["rm", "-f", str(POLICY)], timeout=30)


def compile_native(name, directory, *options):
    """Compiles bench/native/NAME.c into that directory, once; returns the program."""
    program = directory / f"{name}.program"
    source = BENCH / "native" / f"{name}.c"
    if not program.exists():
        done = subprocess.run(["gcc", "-O2", *options, "-o", str(program), str(source)], timeout=120)
        if done.returncode != 0:
            raise Missing(f"{source.name} does not compile")
    return str(program)


def make_certificate(directory):
    """A P-256 certificate for 127.0.0.1 and its key in one PEM file, made once."""
    whole = directory / "certificate.pem"
    if not whole.exists():
        key, certificate = directory / "key.part", directory / "certificate.part"
        done = subprocess.run(
            [find("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "30", "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key),
             "-out", str(certificate)], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        if done.returncode != 0:
            raise Missing("openssl made no certificate: " + done.stderr.decode(errors="replace")[-300:])
        whole.write_text(certificate.read_text() + key.read_text())
    return whole


def version(command):
    """The first line a program says of itself, or "unknown"."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    except OSError:
        return "unknown"
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines[0].strip() if lines else "unknown"
