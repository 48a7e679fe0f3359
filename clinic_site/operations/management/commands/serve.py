import hashlib
import logging
import multiprocessing
import signal
import socket
import threading
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.servers.basehttp import get_internal_wsgi_application
from django.db import close_old_connections, connections
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

log = logging.getLogger(__name__)

WORKERS = 2
THREADS = 4  # a worker: each keeps a database connection, and one thread at a time runs Python
TICK_EVERY = 5  # seconds
PATIENCE = 10  # seconds that a worker gets to finish what it's answering


class Command(BaseCommand):
    help = "Serves the site with granian, and runs `tick` every few seconds. Stops on Ctrl-C or SIGTERM."

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args, host, port, **options):
        # a worker imports this file before any app is loaded
        from clinic_site.operations.shared_parts import refuse_another_key

        try:
            refuse_another_key()
        except ImproperlyConfigured as fault:
            raise CommandError(str(fault)) from fault
        refuse_a_taken_port(host, port)
        collect_static_files(self.stdout.write)
        self.stdout.write(f"\nThe site: {settings.SITE_URL}/   The admin: {settings.SITE_URL}/admin/")
        samples = (
            get_user_model()
            .objects.filter(is_sample=True, is_active=True)
            .order_by("pk")
            .values_list("email", flat=True)
        )
        if samples:
            self.stdout.write(f"Sample staff may sign in: {', '.join(samples)}")
            self.stdout.write("Their password was printed when they were made, at the first start.")
        self.stdout.write("Ctrl-C stops it.\n")
        self.stdout.flush()
        connections.close_all()

        # workers start clean: a forked one would share our database connections
        multiprocessing.set_start_method("spawn", force=True)
        server = Granian(
            settings.WSGI_APPLICATION,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=WORKERS,
            blocking_threads=THREADS,
            respawn_failed_workers=True,
            workers_kill_timeout=PATIENCE,
            websockets=False,
            log_level=LogLevels.warning,
        )
        stopping = threading.Event()
        ticking = threading.Thread(target=tick_until, args=(stopping,), name="tick", daemon=True)

        @server.on_startup
        def start():
            # a closed terminal stops the site; granian would start its workers anew
            signal.signal(signal.SIGHUP, server.signal_handler_interrupt)
            ticking.start()

        try:
            server.serve(target_loader=application_in_a_worker, wrap_loader=False)
        finally:
            stopping.set()
            ticking.join(PATIENCE)
        self.stdout.write("Stopped.")


def application_in_a_worker():
    """The WSGI application, in a process that leaves Ctrl-C to its parent: told to stop twice, a worker may
    hang.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    return get_internal_wsgi_application()


def refuse_a_taken_port(host: str, port: int) -> None:
    """Raises CommandError where something listens there: granian itself would share the port with it in
    silence.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} can't be used: {error.strerror}. Choose another: make run "
                f"PORT={port + 1}"
            ) from None


def static_files_fingerprint() -> str:
    """Changes with any static file that the site or a library brings, and with the code that bundles them."""
    from clinic_site.operations import static_files

    paths = [Path(static_files.__file__)]
    for finder in get_finders():
        paths += [Path(storage.path(name)) for name, storage in finder.list([])]
    rows = sorted(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in paths)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def collect_static_files(tell) -> None:
    """Hash, bundle and compress the static files, where one changed since the last time."""
    stamp, wanted = Path(settings.DATA_DIR, "static.stamp"), static_files_fingerprint()
    collected = Path(settings.STATIC_ROOT, "staticfiles.json").exists()
    if collected and stamp.exists() and stamp.read_text() == wanted:
        return
    tell("Collecting and compressing the static files.")
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(wanted)


def tick_until(stopping: threading.Event) -> None:
    """Run `tick` now and every few seconds, one after the other, until `stopping` is set."""
    while not stopping.is_set():
        close_old_connections()  # one that broke is opened anew
        try:
            call_command("tick")
        except SystemExit as failed:  # it has logged what broke
            log.error("tick: %s", failed)
        except Exception:
            log.exception("tick broke off; it runs again in %s seconds", TICK_EVERY)
        stopping.wait(TICK_EVERY)
    connections.close_all()
