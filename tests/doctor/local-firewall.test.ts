/** Rule sets as iptables 1.8.9, nft 1.0.6, ufw 0.36 and firewalld 1.3 have printed them, judged. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Answers, judgeFirewall } from '../../src/doctor/local/firewall.ts';
import { readNftables } from '../../src/doctor/local/nftables.ts';

const CAPTURED = join(import.meta.dirname ?? '.', '..', '..', '..', 'tests', 'doctor', 'captured');
const captured = (name: string): string => readFileSync(join(CAPTURED, `${name}.txt`), 'utf8');

const WRITTEN: Answers = { iptables: captured('written.iptables'), nft: captured('written.nft') };
const UFW: Answers = { iptables: captured('ufw.iptables'), ufw: captured('ufw.status') };
const FIREWALLD: Answers = { nft: captured('firewalld.nft'), firewalld: 'running\n' };
const SETS: Answers = { nft: captured('sets.nft') };

describe('iptables', () => {
  it('lets in what a rule accepts, also by multiport and behind a comment with quotes', () => {
    for (const port of [22, 80, 443]) assert.equal(judge(WRITTEN, port), undefined, `${port}`);
  });

  it('drops what no rule accepts, by the policy', () => {
    const finding = judge(WRITTEN, 8282);
    assert.equal(finding?.code, 'firewall-drops');
    assert.equal(finding.severity, 'fault');
    assert.match(
      finding.cause.en,
      /^iptables lets no new IPv4 connection in to port 8282: .*INPUT: policy drop$/,
    );
    assert.equal(
      finding.remedy.en,
      'sudo iptables -I INPUT -p tcp --dport 8282 -j ACCEPT; iptables-persistent keeps it over a restart',
    );
  });

  it('tells a reject from a drop, with the rule', () => {
    const finding = judge(WRITTEN, 7000);
    assert.equal(finding?.code, 'firewall-rejects');
    assert.match(finding.cause.en, /-A INPUT -p tcp -m tcp --dport 7000 -j REJECT --reject-with tcp-reset$/);
  });

  it('says of a rule that depends on the sender or the rate only that it does', () => {
    assert.equal(judge(WRITTEN, 7001)?.code, 'firewall-restricts');
    const open = '-P INPUT ACCEPT\n-A INPUT ! -s 10.0.0.0/8 -p tcp -m tcp --dport 9000 -j DROP\n';
    assert.equal(judge({ iptables: open }, 9000)?.code, 'firewall-restricts');
    assert.equal(judge({ iptables: open }, 9001), undefined);
  });

  it('follows chains, goes on after LOG, returns, and ends in a loop', () => {
    const rules = `-P INPUT ACCEPT
-N one
-N two
-A INPUT -j LOG --log-prefix "in: "
-A INPUT -j one
-A INPUT -p tcp -m tcp --dport 1 -j DROP
-A INPUT -p tcp -m tcp --dport 2 -g two
-A INPUT -p tcp -m tcp --dport 2 -j DROP
-A one -p tcp -m tcp --dport 1 -j ACCEPT
-A one -p tcp -m tcp --dport 3 -j RETURN
-A one -p tcp -m tcp --dport 3 -j DROP
-A one -p tcp -m tcp --dport 4 -j DROP
-A two -j two
`;
    const codes = [1, 2, 3, 4].map((port) => judge({ iptables: rules }, port)?.code);
    assert.deepEqual(codes, [undefined, undefined, undefined, 'firewall-drops']);
  });

  it('does not mind rules of another interface, protocol or state', () => {
    const rules = `-P INPUT ACCEPT
-A INPUT -i docker0 -j DROP
-A INPUT ! -i eth0 -j DROP
-A INPUT -p udp -j DROP
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -p tcp -m tcp --dport 1000:2000 -j DROP
`;
    assert.equal(judge({ iptables: rules }, 8282), undefined);
    assert.equal(judge({ iptables: rules }, 1500)?.code, 'firewall-drops');
  });

  it('has tables of its own for IPv6', () => {
    const answers = { iptables: '-P INPUT ACCEPT\n', ip6tables: '-P INPUT DROP\n' };
    assert.equal(judge(answers, 80), undefined);
    assert.match(judge(answers, 80, 6)?.cause.en ?? '', /^ip6tables lets no new IPv6 connection in/);
  });
});

describe('ufw', () => {
  it('is what must be told, not iptables', () => {
    const finding = judge(UFW, 7100);
    assert.equal(finding?.code, 'firewall-drops');
    assert.equal(finding.remedy.en, 'sudo ufw allow 7100/tcp');
  });

  it('judges allow, deny, ranges, applications, interfaces and senders', () => {
    for (const port of [22, 443, 8050, 80]) assert.equal(judge(UFW, port), undefined, `${port}`);
    assert.equal(judge(UFW, 9000)?.code, 'firewall-drops');
    assert.equal(judge(UFW, 7000)?.code, 'firewall-drops', 'allowed in on eth1 only');
    const some = judge(UFW, 8282);
    assert.equal(some?.code, 'firewall-restricts');
    assert.equal(some.severity, 'warning');
    assert.match(some.cause.en, /-s 10\.0\.0\.0\/8/);
  });

  it('limits a rate without closing the port', () => {
    assert.notEqual(judge(UFW, 2222)?.severity, 'fault');
  });
});

describe('firewalld', () => {
  it('rejects what its zone does not have, and is what must be told', () => {
    const finding = judge(FIREWALLD, 443);
    assert.equal(finding?.code, 'firewall-rejects');
    assert.equal(
      finding.remedy.en,
      'sudo firewall-cmd --permanent --add-port=443/tcp && sudo firewall-cmd --reload',
    );
  });

  it('lets in services, ports and, for some, rich rules of its zone', () => {
    assert.equal(judge(FIREWALLD, 22), undefined);
    assert.equal(judge(FIREWALLD, 8050), undefined);
    assert.equal(judge(FIREWALLD, 8282)?.code, 'firewall-restricts');
  });
});

describe('nft', () => {
  it('reads verdict maps, sets, ranges and chains', () => {
    for (const port of [22, 80, 8100, 7100]) assert.equal(judge(SETS, port), undefined, `${port}`);
    const codes = [23, 9000, 9001, 8101].map((port) => judge(SETS, port)?.code);
    assert.deepEqual(codes, ['firewall-drops', 'firewall-drops', 'firewall-rejects', 'firewall-drops']);
    assert.match(judge(SETS, 9000)?.cause.en ?? '', /inet firewall banned: tcp dport 9000 drop$/);
  });

  it('says how to open the port in the chain that closes it', () => {
    assert.match(
      judge(SETS, 9001)?.remedy.en ?? '',
      /^sudo nft insert rule inet firewall banned tcp dport 9001 accept,/,
    );
    assert.match(
      judge(SETS, 8101)?.remedy.en ?? '',
      /^sudo nft insert rule inet firewall inbound tcp dport 8101/,
    );
  });

  it('says of rules about senders only that they are', () => {
    assert.equal(judge(SETS, 8282)?.code, 'firewall-restricts');
    assert.equal(judge(SETS, 7000)?.code, 'firewall-restricts');
  });

  it('asks every base chain, each for its family', () => {
    assert.equal(judge(SETS, 80, 4), undefined);
    assert.equal(judge(SETS, 80, 6)?.code, 'firewall-rejects');
  });

  it('leaves tables that iptables keeps to iptables', () => {
    const packet = { port: 443, family: 4, interfaces: ['eth0'] } as const;
    assert.deepEqual(readNftables(captured('written.nft'), packet)?.first, []);
  });

  it('says nothing of what is no rule set', () => {
    for (const text of ['', '{', '[]', '{"nftables": 1}', '{"nftables": [null, 1, {"rule": {}}]}']) {
      assert.equal(judge({ nft: text }, 80), undefined, text);
    }
  });
});

function judge(answers: Answers, port: number, family: 4 | 6 = 4): ReturnType<typeof judgeFirewall> {
  return judgeFirewall(answers, { port, family, interfaces: ['eth0'] });
}
