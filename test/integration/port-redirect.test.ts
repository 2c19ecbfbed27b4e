import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { redirectRules } from '../../src/main/platform/privileged-ports/redirect.js'
import { iptablesScript } from '../../src/main/platform/privileged-ports/redirect-iptables.js'

/** The rules of the kernel for real, in a network namespace of the test's own. */

const PORTS = { https: { port: 443, fallback: 4443 }, http: { port: 80, fallback: 8080 } }
const CLI = path.resolve(import.meta.dirname, '../../out/main/cli.js')
const TOOLS = [
  { tool: 'nftables', rules: redirectRules(PORTS), probe: 'nft -f -', load: 'nft -f "$RULES"', off: '' },
  {
    tool: 'iptables',
    rules: iptablesScript(PORTS, '/usr/sbin'),
    probe: 'sh -s on',
    load: 'sh "$RULES" on',
    off: 'sh "$RULES" off; (iptables -t nat -S; ip6tables -t nat -S) | grep -c PORTICO',
  },
]

describe.each(TOOLS)('by $tool', ({ tool, rules: content, probe, load, off }) => {
  const reason = whyNot(probe, content)
  if (reason !== null) console.log(`SKIPPED: redirects of the kernel by ${tool}: ${reason}`)

  test.skipIf(reason !== null)(
    'behind a redirect addresses have no port, the panel answers, and no note is needed',
    async () => {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'portico-redirect-'))
      try {
        const rules = path.join(folder, 'rules.nft')
        await writeFile(rules, content)
        await writeFile(
          path.join(folder, 'config.json'),
          JSON.stringify({ version: 1, apps: [{ name: 'demo', demo: true }] }),
        )
        const script = `
      ip link set lo up
      ${load} && ${load} || exit 9
      sysctl -qw net.ipv4.ip_unprivileged_port_start=1024
      setpriv --bounding-set -net_bind_service --inh-caps -net_bind_service -- "$NODE" "$CLI" serve --data-dir "$D" --config "$D/config.json" >"$D/out" 2>&1 &
      gateway=$!
      for i in $(seq 200); do "$NODE" "$CLI" status --json --data-dir "$D" >"$D/status" 2>/dev/null && break; sleep 0.05; done
      cat "$D/status"
      echo '===='
      curl -sSk -o /dev/null -w '%{http_code} ' --resolve demo.localhost:443:127.0.0.1 https://demo.localhost/
      curl -sSk -o /dev/null -w '%{http_code} ' --resolve demo.localhost:443:[::1] https://demo.localhost/
      curl -sSk -o /dev/null -w '%{redirect_url} ' --resolve demo.localhost:80:127.0.0.1 http://demo.localhost/x
      link=$("$NODE" "$CLI" open --print --data-dir "$D")
      echo "$link" | sed 's/token=.*/token/' | tr '\\n' ' '
      curl -sSk -o /dev/null -w '%{http_code} ' --resolve portico.localhost:443:127.0.0.1 "$link"
      curl -sSk -o /dev/null -w '%{http_code}\\n' --resolve portico.localhost:444:127.0.0.1 --connect-to ::127.0.0.1:443 https://portico.localhost:444/login
      kill "$gateway"; wait "$gateway"
      ${off}
    `
        const env = { ...process.env, RULES: rules, D: folder, CLI, NODE: process.execPath }
        const child = spawn('timeout', ['60', 'unshare', '-n', 'sh', '-c', script], {
          env,
          stdio: ['ignore', 'pipe', 'pipe'],
        })
        const [said, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
        const [json = '', rest = ''] = said.split('====')
        const status = JSON.parse(json || '{}')
        expect(status.listeners, errors).toMatchObject([
          { address: '127.0.0.1', port: 4443, publicPort: 443 },
          { address: '::1', port: 4443, publicPort: 443 },
          { address: '127.0.0.1', port: 8080, publicPort: 80 },
          { address: '::1', port: 8080, publicPort: 80 },
        ])
        expect(status.warnings).toEqual([])
        expect(status.apps[0].urls).toEqual(['https://demo.localhost'])
        expect(rest.trim().split(/\s+/)).toEqual([
          ...['200', '200', 'https://demo.localhost/x', 'https://portico.localhost/login?token', '303', '421'],
          ...(off === '' ? [] : ['0']),
        ])
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    90_000,
  )
})

/** Why the kernel or this user cannot have such rules here; null when they can. */
function whyNot(probe: string, rules: string): string | null {
  if (process.getuid?.() !== 0) return 'only root can make a network namespace'
  try {
    execFileSync('unshare', ['-n', 'sh', '-c', `command -v setpriv && ip link set lo up && ${probe}`], {
      input: rules,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    return null
  } catch (error) {
    return (error as Error).message.split('\n').slice(0, 3).join(' ')
  }
}
