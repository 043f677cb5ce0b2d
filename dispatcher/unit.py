"""The systemd unit of a small installation: `tocsin run` as a service that may touch little."""

import sys
from pathlib import Path

_UNIT = """\
# Save as /etc/systemd/system/tocsin.service, put settings (TOCSIN_…) into /etc/tocsin.env, then:
#   systemctl daemon-reload && systemctl enable --now tocsin
[Unit]
Description=Tocsin: crisis management and alerting
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart={program} run
ExecReload=/bin/kill -HUP $MAINPID
EnvironmentFile=-/etc/tocsin.env
Environment=TOCSIN_DATA_DIR=%S/tocsin
StateDirectory=tocsin
StateDirectoryMode=0700
DynamicUser=yes
UMask=0077
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=20
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome={home}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
CapabilityBoundingSet=

[Install]
WantedBy=multi-user.target
"""


def unit_text(program: Path | None = None) -> str:
    """Write the unit that runs `program`, the `tocsin` script (this environment's, if not told).

    The home folders are shut to the service, unless the program itself lives in one.
    """
    program = program or Path(sys.executable).parent / "tocsin"
    at_home = program.parts[1:2] in (("home",), ("root",))
    quoted = str(program).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return _UNIT.format(program=f'"{quoted}"', home="read-only" if at_home else "yes")
