"""nginx under faults, with usual settings: passive marks of three failures in ten seconds, one more try."""

import re
import signal
from collections import Counter

from faults.proxy import Proxy, address
from tools import find

MESSAGE = re.compile(r"\[(?:error|warn|crit|alert)\] \S+ (?:\*\d+ )?(.{0,70}?)(?: while|,|$)")


class Nginx(Proxy):
    name = "nginx"
    reload_signal = signal.SIGHUP
    drain_signal = signal.SIGQUIT

    def command(self):
        return [find("nginx"), "-p", self.directory, "-c", self.file("nginx.conf"), "-e", self.file("error.log")]

    def configuration(self):
        settings = self.settings
        most = f" max_conns={settings.requests_per_backend}" if settings.requests_per_backend else ""
        servers = "\n".join(f"    server {address(port)} max_fails=3 fail_timeout=10s{most};"
                            for _, port in self.backends)
        balance = "    least_conn;\n" if settings.balance == "least-connections" else ""
        open_files = "" if settings.descriptors else "worker_rlimit_nofile 20000;"
        http2 = f"listen {address(settings.http2_port)} http2;" if settings.http2_port else ""
        zone = per_address = ""
        if settings.connections_per_address:
            zone = "limit_conn_zone $binary_remote_addr zone=addresses:1m;"
            per_address = f"limit_conn addresses {settings.connections_per_address};"
        temporary = "\n".join(f"  {kind}_temp_path {self.file('temp-' + kind)};"
                              for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return "nginx.conf", f"""daemon off;
worker_processes 2;
pid {self.file("nginx.pid")};
error_log {self.file("error.log")} warn;
{open_files}
worker_shutdown_timeout 30s;
events {{ worker_connections {settings.connections}; }}
http {{
  access_log {self.access_log};
{temporary}
  client_header_timeout 10s;
  client_body_timeout 30s;
  {zone}
  upstream app {{
    zone app 256k;
{balance}{servers}
    keepalive 64;
  }}
  server {{
    listen {address(self.port)} backlog=1024;
    {http2}
    {per_address}
    location / {{
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_connect_timeout 2s;
      proxy_read_timeout {settings.response_timeout};
      proxy_send_timeout 5s;
      proxy_next_upstream error timeout http_502 http_503 http_504;
      proxy_next_upstream_tries 2;
      proxy_next_upstream_timeout 10s;
    }}
  }}
}}
"""

    def reasons(self):
        log = self.file("error.log")
        text = log.read_text(errors="replace") if log.exists() else ""
        return dict(Counter(MESSAGE.findall(text)).most_common(8))

    def complaints(self, most=5):
        return list(self.reasons())[:most]
