import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

/** Names and low ports told to a system for real: on a copy of /etc, in namespaces of the test's own. */

const CLI = path.resolve(import.meta.dirname, '../../out/main/cli.js')
const reason = whyNot()
if (reason !== null) console.log(`SKIPPED: settings of the system: ${reason}`)

const PRELUDE = `
  set -e; ip link set lo up
  D=$(mktemp -d); trap 'umount /etc; rm -rf "$D"' EXIT
  cp -a /etc "$D/etc"; mount --bind "$D/etc" /etc
  printf '127.0.0.1 localhost\\r\\n10.0.0.9 nas' >/etc/hosts; cp /etc/hosts "$D/before"
  echo '{"version":1,"apps":[{"name":"shop","port":3000,"hosts":["shop.test","*.shop.test"]}]}' >"$D/config.json"
  portico() { "$NODE" "$CLI" "$@" --data-dir "$D/data" --config "$D/config.json"; }
`

test.skipIf(reason !== null)(
  'names in the hosts file are found, and taken out byte for byte',
  () => {
    const said = inside(`
    portico dns install --dry-run >/dev/null; cmp /etc/hosts "$D/before"
    portico dns install --yes >/dev/null
    getent hosts shop.test | cut -d' ' -f1
    portico dns install --yes | tail -1
    portico dns status --json
    portico dns uninstall --yes >/dev/null; cmp /etc/hosts "$D/before"
    echo as before
  `)
    const [address, second, status, end] = said.trim().split('\n')
    expect([address, second, end]).toEqual(['::1', 'The system finds every name already.', 'as before'])
    const { names, ways } = JSON.parse(status ?? '')
    expect(names).toContainEqual({ name: 'shop.test', addresses: expect.arrayContaining(['127.0.0.1']), here: true })
    expect(ways).toContainEqual(expect.objectContaining({ id: 'hosts', state: 'on' }))
  },
  60_000,
)

test.skipIf(reason !== null)(
  'low ports are permitted by the kernel, and forbidden again',
  () => {
    const said = inside(`
    sysctl -qw net.ipv4.ip_unprivileged_port_start=1024
    portico low-ports install --via sysctl --yes >/dev/null
    cat /proc/sys/net/ipv4/ip_unprivileged_port_start
    portico low-ports uninstall --yes >/dev/null
    cat /proc/sys/net/ipv4/ip_unprivileged_port_start
    test ! -e /etc/sysctl.d/50-portico.conf && echo gone
  `)
    expect(said).toBe('80\n1024\ngone\n')
  },
  60_000,
)

function inside(script: string): string {
  const env = { ...process.env, CLI, NODE: process.execPath }
  return execFileSync('unshare', ['-mn', 'sh', '-c', PRELUDE + script], { env, encoding: 'utf8', timeout: 50_000 })
}

function whyNot(): string | null {
  if (process.getuid?.() !== 0) return 'only root can make namespaces'
  try {
    const attempt = 'ip link set lo up && mount --bind /etc /etc && sysctl -qw net.ipv4.ip_unprivileged_port_start=1024'
    execFileSync('unshare', ['-mn', 'sh', '-c', attempt], { stdio: ['ignore', 'ignore', 'pipe'] })
    return null
  } catch (error) {
    return (error as Error).message.split('\n').slice(0, 3).join(' ')
  }
}
