/** What this machine allows, judged from captured text: rights, descriptors, queues, memory, clock, Node. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeQueues } from '../../src/doctor/local/backlog.ts';
import { judgeClock, readClock } from '../../src/doctor/local/clock.ts';
import { connectionsOf, judgeDescriptors, keeperOf, readLimits } from '../../src/doctor/local/descriptors.ts';
import { cgroupLimit, judgeMemory, oomKills } from '../../src/doctor/local/memory.ts';
import { judgeNode } from '../../src/doctor/local/node-version.ts';
import { judgeRights, mayBind } from '../../src/doctor/local/privilege.ts';
import { globalIpv6, judgeReach } from '../../src/doctor/local/reach.ts';

const MIB = 1_048_576;

describe('who can reach it', () => {
  const loopback = { host: '127.0.0.1', port: 8282, family: 4 } as const;
  const everywhere = { host: '0.0.0.0', port: 8282, family: 4 } as const;
  const ipv6 = { host: '::', port: 8282, family: 6 } as const;
  const plain = { behindProxy: false, dualStack: true, ipv6: [] };

  it('127.0.0.1 is right behind a proxy and a fault without one', () => {
    assert.deepEqual(judgeReach([loopback], { ...plain, behindProxy: true }), []);
    const [finding] = judgeReach([loopback], plain);
    assert.deepEqual([finding?.code, finding?.severity], ['bound-to-loopback', 'fault']);
    assert.deepEqual(judgeReach([loopback, everywhere], plain), []);
  });

  it('[::] is for IPv4 too, unless it was bound without', () => {
    assert.deepEqual(judgeReach([ipv6], plain), []);
    assert.equal(judgeReach([ipv6], { ...plain, dualStack: false })[0]?.code, 'bound-to-ipv6');
    assert.deepEqual(judgeReach([ipv6, everywhere], { ...plain, dualStack: false }), []);
  });

  it('0.0.0.0 alone is too little where the machine has an IPv6 address', () => {
    assert.deepEqual(judgeReach([everywhere], plain), []);
    const [finding] = judgeReach([everywhere], { ...plain, ipv6: ['2a01:4f8::1'] });
    assert.deepEqual([finding?.code, finding?.severity], ['bound-to-ipv4', 'warning']);
  });

  it('only global addresses count', () => {
    const of = (address: string): Parameters<typeof globalIpv6>[0] => {
      const rest = { netmask: '', mac: '', internal: false, cidr: null };
      return { eth0: [{ address, family: 'IPv6', scopeid: 0, ...rest }] };
    };
    assert.deepEqual(globalIpv6(of('2a01:4f8::1')), ['2a01:4f8::1']);
    for (const address of ['fe80::1', 'fd00::1', '::1', '10.0.0.1'])
      assert.deepEqual(globalIpv6(of(address)), []);
  });
});

describe('the right to listen', () => {
  it('is read from the effective capabilities', () => {
    assert.equal(mayBind('CapPrm:\t000001fffeffffff\nCapEff:\t000001fffeffffff\n'), true);
    assert.equal(mayBind('CapPrm:\t0000000000000400\nCapEff:\t0000000000000400\n'), true);
    assert.equal(mayBind('CapPrm:\t0000000000000400\nCapEff:\t0000000000000000\n'), false);
  });

  it('is needed below the first free port only', () => {
    assert.equal(judgeRights(443, { firstFree: 1024, privileged: false })[0]?.code, 'port-privileged');
    assert.deepEqual(judgeRights(443, { firstFree: 1024, privileged: true }), []);
    assert.deepEqual(judgeRights(443, { firstFree: 80, privileged: false }), []);
    assert.deepEqual(judgeRights(8282, { firstFree: 1024, privileged: false }), []);
  });
});

describe('descriptors', () => {
  const limits = (soft: string, hard: string): string =>
    `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${soft}                ${hard}                files\n`;

  it('make maxConnections: the soft limit less a tenth', () => {
    assert.deepEqual(readLimits(limits('1024', '524288')), { soft: 1024, hard: 524_288 });
    assert.equal(connectionsOf({ soft: 1024, hard: 1024 }), 921);
    assert.equal(readLimits(limits('unlimited', 'unlimited'))?.soft, Number.POSITIVE_INFINITY);
    assert.equal(readLimits('nothing'), undefined);
  });

  it('are few below 4096, and what to change depends on who started it', () => {
    const few = { soft: 1024, hard: 1024 };
    assert.deepEqual(judgeDescriptors({ soft: 20_000, hard: 20_000 }, { kind: 'shell' }), []);
    const remedy = (cgroup: string): string => judgeDescriptors(few, keeperOf(cgroup))[0]?.remedy.en ?? '';
    assert.match(
      remedy('0::/system.slice/chat.service\n'),
      /LimitNOFILE=65536 .*systemctl edit chat\.service/,
    );
    assert.match(remedy('0::/docker/0123abcd\n'), /--ulimit nofile/);
    assert.match(remedy('0::/user.slice/user-1000.slice/user@1000.service/app.slice/run.scope\n'), /prlimit/);
  });
});

describe('the queue of new connections', () => {
  it('is capped by somaxconn', () => {
    assert.deepEqual(judgeQueues({ somaxconn: 4096, synBacklog: 4096, synCookies: false }), []);
    const [finding] = judgeQueues({ somaxconn: 128, synBacklog: 4096, synCookies: true });
    assert.equal(finding?.code, 'backlog-capped');
    assert.match(finding.remedy.en, /^sudo sysctl -w net\.core\.somaxconn=4096,/);
  });

  it('is capped by tcp_max_syn_backlog only without SYN cookies', () => {
    assert.deepEqual(judgeQueues({ somaxconn: 4096, synBacklog: 512, synCookies: true }), []);
    assert.match(
      judgeQueues({ somaxconn: 4096, synBacklog: 512, synCookies: false })[0]?.cause.en ?? '',
      /net\.ipv4\.tcp_max_syn_backlog = 512/,
    );
  });
});

describe('memory', () => {
  const files = (content: Readonly<Record<string, string>>) => (path: string) => content[path];

  it('cgroup 2: the tightest limit on the way to the root', () => {
    const read = files({
      '/sys/fs/cgroup/a/b/memory.max': 'max\n',
      '/sys/fs/cgroup/a/memory.max': `${512 * MIB}\n`,
      '/sys/fs/cgroup/memory.max': `${900 * MIB}\n`,
    });
    assert.equal(cgroupLimit('0::/a/b\n', read), 512 * MIB);
  });

  it('cgroup 1: of the memory controller, alone or among others', () => {
    const read = files({ '/sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes': `${256 * MIB}` });
    assert.equal(cgroupLimit('5:memory:/docker/x\n0::/\n', read), 256 * MIB);
    assert.equal(cgroupLimit('5:cpu,memory:/docker/x\n', read), 256 * MIB);
  });

  it('nothing that limits is no limit', () => {
    assert.equal(cgroupLimit('', files({})), Number.POSITIVE_INFINITY);
    assert.equal(
      cgroupLimit('0::/a\n', files({ '/sys/fs/cgroup/a/memory.max': 'max' })),
      Number.POSITIVE_INFINITY,
    );
  });

  it('is judged against what a worker takes', () => {
    assert.deepEqual(judgeMemory({ limit: 1024 * MIB, budget: 256 * MIB, killed: 0 }), []);
    const codes = judgeMemory({ limit: 100 * MIB, budget: 6000 * MIB, killed: 2 }).map(({ code }) => code);
    assert.deepEqual(codes, ['memory-killed', 'memory-small', 'memory-limit-unseen']);
    assert.equal(oomKills('low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\n'), 2);
  });
});

describe('the clock', () => {
  it('is asked of timedatectl', () => {
    const shown = (ntp: string, synchronized: string): string =>
      `Timezone=Etc/UTC\nLocalRTC=no\nCanNTP=yes\nNTP=${ntp}\nNTPSynchronized=${synchronized}\nTimeUSec=Sun 2026-11-22 12:26:29 UTC\n`;
    assert.deepEqual(readClock(shown('yes', 'yes')), { synchronized: true, service: true });
    assert.deepEqual(readClock(shown('no', 'no')), { synchronized: false, service: false });
    assert.equal(
      readClock("System has not been booted with systemd as init system (PID 1). Can't operate.\n"),
      undefined,
    );
  });

  it('is a warning when nobody keeps it', () => {
    assert.deepEqual(judgeClock({ synchronized: true, service: false }), []);
    assert.match(judgeClock({ synchronized: false, service: false })[0]?.remedy.en ?? '', /set-ntp true/);
    assert.match(judgeClock({ synchronized: false, service: true })[0]?.remedy.en ?? '', /timesync-status/);
  });
});

describe('Node', () => {
  it('even versions from 20 on are right', () => {
    const codes = ['18.20.1', '20.0.0', '21.7.3', '26.1.0'].map((version) => judgeNode(version)[0]?.code);
    assert.deepEqual(codes, ['node-too-old', undefined, 'node-without-support', undefined]);
  });
});
