import { dirname } from 'node:path';

export interface UnitPlan {
  /** Absolute. */
  readonly script: string;
  /** Of Node, absolute. */
  readonly node: string;
  /** Of the command `usta`, absolute. */
  readonly usta: string;
  /** Of the service. */
  readonly name: string;
  readonly user: string;
  readonly uid: number;
  /** Ports below 1024 are listened on. */
  readonly lowPorts: boolean;
  /** Its own words, for the script. */
  readonly words: readonly string[];
}

/**
 * A unit of systemd for a service: in the foreground, where systemd keeps its output and restarts it.
 *
 * `MemoryDenyWriteExecute` would end Node, which compiles while it runs; a stricter `ProtectSystem` or
 * `ProtectHome` would hide scripts and certificates that lie in a home directory.
 *
 * @see systemd.exec(5), systemd.service(5), systemd.kill(5)
 */
export function systemdUnit(plan: UnitPlan): string {
  const { script, user, uid, name, words } = plan;
  const usta = `${quoted(plan.node)} ${quoted(plan.usta)}`;
  const own = words.length === 0 ? '' : ` -- ${words.map(quoted).join(' ')}`;
  const runtime = uid === 0 ? 'usta' : `usta-${uid}`;
  const capabilities = plan.lowPorts && uid !== 0 ? ['AmbientCapabilities=CAP_NET_BIND_SERVICE'] : [];
  return [
    `# /etc/systemd/system/${name}.service`,
    `#   systemctl daemon-reload && systemctl enable --now ${name}`,
    `#   systemctl reload ${name}      new processes before old ones leave`,
    `#   journalctl -u ${name} -f`,
    '[Unit]',
    `Description=usta: ${plainText(script)}`,
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=exec',
    `User=${user}`,
    `WorkingDirectory=${dirname(script).replaceAll('%', '%%')}`,
    'Environment=NODE_ENV=production',
    `ExecStart=${usta} start ${quoted(script)}${own}`,
    `ExecReload=${usta} reload ${quoted(script)}`,
    '# SIGTERM goes to the master, which drains; whoever is left after the time below is killed.',
    'KillMode=mixed',
    'TimeoutStopSec=45',
    'Restart=on-failure',
    'RestartSec=1',
    'LimitNOFILE=1048576',
    '# Where the control socket is, for usta status, reload and stop; services of one user share it.',
    `RuntimeDirectory=${runtime}`,
    'RuntimeDirectoryMode=0700',
    'RuntimeDirectoryPreserve=yes',
    '',
    ...capabilities,
    'NoNewPrivileges=yes',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectSystem=full',
    'ProtectControlGroups=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'ProtectClock=yes',
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ].join('\n');
}

/** One word of a command line of systemd, which knows `%` and `$`. */
function quoted(word: string): string {
  const escaped = word.replace(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}

function plainText(text: string): string {
  return text.replaceAll('%', '%%').replace(/[\r\n]/g, ' ');
}
