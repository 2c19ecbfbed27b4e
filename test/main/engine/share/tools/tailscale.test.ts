import { expect, test } from 'vitest'
import { obstacleIn } from '../../../../../src/main/engine/share/tools/funnel-obstacle.js'
import { tailscale } from '../../../../../src/main/engine/share/tools/tailscale.js'
import { readRun, recorded, told } from '../../../../support/share-tools.js'

const URL_OF_MACHINE = 'https://my-machine.tail1234.ts.net'

test('it is open at the address for the internet', () => {
  expect(told('tailscale', 'tailscale-1.80-funnel.txt')).toEqual([{ type: 'open', url: URL_OF_MACHINE }])
  expect(told('tailscale', 'tailscale-1.52-funnel.txt')).toEqual([{ type: 'open', url: `${URL_OF_MACHINE}:8443` }])
})

test('an address for the tailnet alone is none', () => {
  const text = `Available within your tailnet:\n\n${URL_OF_MACHINE}/\n|-- proxy http://127.0.0.1:3000\n`
  expect(readRun('tailscale', text).signs).toMatchObject([{ type: 'note' }])
})

test('a tailnet that has to enable Funnel is waited for, with the link for it, and goes on by itself', () => {
  const link = 'Enable it: https://login.tailscale.com/f/funnel?node=nExampleCNTRL'
  const message = 'Funnel is not enabled on the tailnet.'
  expect(told('tailscale', 'tailscale-not-enabled.txt')).toEqual([
    { type: 'lost', message },
    { type: 'lost', message, hint: link },
    { type: 'open', url: URL_OF_MACHINE },
  ])
})

test('who may not change what the machine serves is told how to be allowed', () => {
  expect(readRun('tailscale', recorded('tailscale-denied.txt')).output.failure).toMatchObject({
    again: 'no',
    hint: 'Allow it once: sudo tailscale set --operator=$USER',
  })
})

test('a machine that takes nothing from outside is told so', () => {
  expect(readRun('tailscale', recorded('tailscale-shields-up.txt')).output.failure).toMatchObject({
    again: 'no',
    hint: expect.stringContaining('--shields-up=false'),
  })
})

test.each([
  recorded('tailscale-port-taken.txt'),
  'foreground already exists under this port',
  'sending serve config: updating config: foreground listener already exists for port 443',
  'sending serve config: updating config: listener already exists for port 443',
  'want to serve "https" but port is already serving "tcp" for "machine"',
  'port 443 is not allowed for funnel; allowed ports are: 8443',
])('a port that it may not have leads to the next one: %s', (text) => {
  expect(readRun('tailscale', text, 0).output.failure).toMatchObject({ again: 'differently' })
})

test('its three ports are tried in their order', () => {
  const flags = [0, 1, 2].map((way) => tailscale.plan('/usr/bin/tailscale', 4321, way).args)
  expect(flags).toEqual([
    ['funnel', '--yes', '--https=443', 'http://127.0.0.1:4321'],
    ['funnel', '--yes', '--https=8443', 'http://127.0.0.1:4321'],
    ['funnel', '--yes', '--https=10000', 'http://127.0.0.1:4321'],
  ])
  expect(tailscale.ways).toBe(3)
  const last = readRun('tailscale', recorded('tailscale-port-taken.txt'), 2).output.failure
  expect(last).toMatchObject({ message: 'Each port that Funnel may use is taken.' })
})

test.each([
  ['Funnel not available; HTTPS must be enabled. See https://tailscale.com/s/https.', 'no', /HTTPS certificates/],
  ['Funnel not available; "funnel" node attribute not set. See https://tailscale.com/s/no-funnel.', 'no', /policy/],
  ['Tailscale is stopped.', 'later', /turned off/],
  ['Logged out.\nLog in at: https://login.tailscale.com/a/xyz', 'no', /logged in/],
  ['Machine is not yet approved by tailnet admin.', 'no', /approved/],
  [
    "failed to connect to local tailscaled; it doesn't appear to be running (sudo systemctl start tailscaled ?)",
    'later',
    /not running/,
  ],
  ['failed to connect to local Tailscale service; is Tailscale running?', 'later', /not running/],
  ['Another client is changing the serve config; please try again.', 'later', /Something else/],
  ['Error: the CLI for serve and funnel has changed. You can run the following command instead:', 'no', /version/],
  ['flag provided but not defined: -https', 'no', /version/],
])('%s', (text, again, message) => {
  expect(readRun('tailscale', text).output.failure).toMatchObject({ again, message: expect.stringMatching(message) })
})

const STATUS = JSON.parse(recorded('tailscale-status-1.102.json'))

test('a machine that may use Funnel has no obstacle, nor has one that does not tell', () => {
  expect(obstacleIn(STATUS)).toBeNull()
  expect(obstacleIn({ BackendState: 'Starting', Self: null })).toBeNull()
})

test.each([
  [{ ...STATUS, BackendState: 'Stopped' }, 'Tailscale is turned off.', 'tailscale up'],
  [
    { BackendState: 'NeedsLogin', AuthURL: 'https://login.tailscale.com/a/xyz' },
    'Nobody is logged in to Tailscale.',
    '/a/xyz',
  ],
  [{ BackendState: 'NeedsMachineAuth' }, 'The tailnet’s admin has not approved this machine yet.', 'admin/machines'],
  [
    { ...STATUS, Self: { CapMap: { funnel: null } } },
    'The tailnet has no HTTPS certificates, which Funnel needs.',
    'admin/dns',
  ],
  [
    { ...STATUS, Self: { ID: 'nExampleCNTRL', CapMap: { https: null } } },
    'The tailnet’s policy does not let this machine use Funnel.',
    'Enable it: https://login.tailscale.com/f/funnel?node=nExampleCNTRL',
  ],
  [
    { ...STATUS, Self: { Capabilities: ['https'] } },
    'The tailnet’s policy does not let this machine use Funnel.',
    '/s/no-funnel',
  ],
])('what a machine lacks for Funnel, %#', (status, message, hint) => {
  expect(obstacleIn(status)).toEqual({ message, hint: expect.stringContaining(hint) })
})

test('its version', () => {
  expect(tailscale.readVersion('1.102.4\n  tailscale commit: 3caf7d9e7\n  go version: go1.26.4\n')).toBe('1.102.4')
})
