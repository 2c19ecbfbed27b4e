import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findTool, findTools } from '../../../../../src/main/engine/share/tools/find-tools.js'
import type { ToolMachine } from '../../../../../src/main/engine/share/tools/tool.js'
import { thisToolMachine } from '../../../../../src/main/engine/share/tools/tool-machine.js'
import { toolOf } from '../../../../../src/main/engine/share/tools/tools.js'
import { currentPlatform } from '../../../../../src/main/platform/platform.js'
import { recorded } from '../../../../support/share-tools.js'

interface Wish extends Partial<Pick<ToolMachine, 'platform' | 'env' | 'home'>> {
  programs?: string[]
  files?: Record<string, string>
  /** what a program says to its arguments, `version` say */
  says?: Record<string, string | { code: number | null; stdout?: string; stderr?: string }>
}

function machine({
  platform = 'linux',
  env = {},
  home = '/home/ada',
  programs = [],
  files = {},
  says = {},
}: Wish): ToolMachine {
  return {
    ...{ platform, env, home },
    readText: async (file) => files[file] ?? null,
    runnable: async (file) => programs.includes(file),
    run: async (program, args, { env: more }) => {
      const answer = says[args.join(' ')] ?? { code: null }
      const result = typeof answer === 'string' ? { code: 0, stdout: answer } : answer
      const told = /[tT]ailscale(\.exe)?$/.test(program) ? more?.TAILSCALE_BE_CLI : '1'
      return told === '1' ? { stdout: '', stderr: '', ...result } : { code: 1, stdout: '', stderr: 'a window' }
    },
  }
}

const find = (tool: 'cloudflared' | 'ngrok' | 'tailscale', wish: Wish) => findTool(toolOf(tool), machine(wish))

test('where none is installed, each says how to get it', async () => {
  const found = await findTools(machine({ env: { PATH: '/usr/bin:/bin' } }))
  expect(found.map(({ tool, program, obstacle }) => [tool, program, obstacle])).toEqual([
    [
      'cloudflared',
      null,
      { message: 'Cloudflare Tunnel is not installed.', hint: expect.stringContaining('https://') },
    ],
    ['ngrok', null, { message: 'ngrok is not installed.', hint: 'Install ngrok: https://ngrok.com/download' }],
    ['tailscale', null, { message: 'Tailscale Funnel is not installed.', hint: expect.stringContaining('https://') }],
  ])
})

test.each<[string, 'cloudflared' | 'ngrok' | 'tailscale', Wish, string]>([
  [
    'PATH goes first',
    'cloudflared',
    { env: { PATH: '/opt/x:/usr/bin' }, programs: ['/opt/x/cloudflared', '/usr/bin/cloudflared'] },
    '/opt/x/cloudflared',
  ],
  [
    'what of PATH is relative is passed over',
    'ngrok',
    { env: { PATH: '.:bin:/usr/bin' }, programs: ['bin/ngrok', '/usr/bin/ngrok'] },
    '/usr/bin/ngrok',
  ],
  [
    'Homebrew, without PATH',
    'cloudflared',
    { platform: 'darwin', programs: ['/opt/homebrew/bin/cloudflared'] },
    '/opt/homebrew/bin/cloudflared',
  ],
  [
    'the app of macOS',
    'tailscale',
    { platform: 'darwin', programs: ['/Applications/Tailscale.app/Contents/MacOS/Tailscale'] },
    '/Applications/Tailscale.app/Contents/MacOS/Tailscale',
  ],
  ['a snap', 'ngrok', { programs: ['/snap/bin/ngrok'] }, '/snap/bin/ngrok'],
  ['one’s own', 'ngrok', { programs: ['/home/ada/.local/bin/ngrok'] }, '/home/ada/.local/bin/ngrok'],
  [
    'Path of Windows',
    'ngrok',
    { platform: 'win32', env: { Path: '"C:\\tools";C:\\Windows' }, programs: ['C:\\tools\\ngrok.exe'] },
    'C:\\tools\\ngrok.exe',
  ],
  [
    'Program Files',
    'tailscale',
    { platform: 'win32', env: { ProgramFiles: 'D:\\Programs' }, programs: ['D:\\Programs\\Tailscale\\tailscale.exe'] },
    'D:\\Programs\\Tailscale\\tailscale.exe',
  ],
  [
    'its installer for 32 bits',
    'cloudflared',
    { platform: 'win32', programs: ['C:\\Program Files (x86)\\cloudflared\\cloudflared.exe'] },
    'C:\\Program Files (x86)\\cloudflared\\cloudflared.exe',
  ],
  [
    'winget',
    'cloudflared',
    {
      platform: 'win32',
      home: 'C:\\Users\\ada',
      programs: ['C:\\Users\\ada\\AppData\\Local\\Microsoft\\WinGet\\Links\\cloudflared.exe'],
    },
    'C:\\Users\\ada\\AppData\\Local\\Microsoft\\WinGet\\Links\\cloudflared.exe',
  ],
])('found: %s', async (_name, tool, wish, program) => {
  expect((await find(tool, wish)).program).toBe(program)
})

const NGROK = { programs: ['/usr/bin/ngrok'], says: { version: 'ngrok version 3.39.6\n' } }

test.each<[string, Wish]>([
  ['of Linux', { files: { '/home/ada/.config/ngrok/ngrok.yml': 'version: "2"\nauthtoken: 2abc_DEF\n' } }],
  ['of Linux, elsewhere', { env: { XDG_CONFIG_HOME: '/cfg' }, files: { '/cfg/ngrok/ngrok.yml': 'authtoken: 2abc\n' } }],
  [
    'as version 3 writes it',
    { files: { '/home/ada/.config/ngrok/ngrok.yml': 'version: 3\nagent:\n    authtoken: "2abc"\n' } },
  ],
  [
    'of macOS',
    { platform: 'darwin', files: { '/home/ada/Library/Application Support/ngrok/ngrok.yml': 'authtoken: 2abc' } },
  ],
  ['in the environment', { env: { NGROK_AUTHTOKEN: '2abc' } }],
  ['of version 2', { files: { '/home/ada/.ngrok2/ngrok.yml': 'authtoken: 2abc' } }],
])('ngrok has the authtoken %s', async (_name, wish) => {
  expect(
    await find('ngrok', { ...NGROK, programs: ['/usr/bin/ngrok', '/usr/local/bin/ngrok'], ...wish }),
  ).toMatchObject({
    version: '3.39.6',
    obstacle: null,
  })
})

test('ngrok on Windows has it in LocalAppData', async () => {
  const env = { LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local', Path: 'C:\\t' }
  const files = { 'C:\\Users\\ada\\AppData\\Local\\ngrok\\ngrok.yml': 'authtoken: 2abc\r\n' }
  const wish: Wish = { platform: 'win32', env, files, programs: ['C:\\t\\ngrok.exe'] }
  expect((await find('ngrok', wish)).obstacle).toBeNull()
})

test.each(['', '#authtoken: 2abc\n', 'authtoken:\n', 'authtoken: ""\n', 'version: 3\nagent:\n  # authtoken: x\n'])(
  'ngrok without an authtoken cannot be used: %j',
  async (text) => {
    const found = await find('ngrok', { ...NGROK, files: { '/home/ada/.config/ngrok/ngrok.yml': text } })
    expect(found).toMatchObject({
      program: '/usr/bin/ngrok',
      obstacle: { hint: expect.stringContaining('add-authtoken') },
    })
  },
)

const STATUS = 'status --json --peers=false'
const tailscaleThat = (
  answer: string | { code: number | null; stderr?: string },
  version = '1.102.4\n  tailscale commit: 3c',
) => find('tailscale', { programs: ['/usr/bin/tailscale'], says: { version, [STATUS]: answer } })

test('Tailscale that is ready has no obstacle', async () => {
  expect(await tailscaleThat(recorded('tailscale-status-1.102.json'))).toEqual({
    ...{
      tool: 'tailscale',
      title: 'Tailscale Funnel',
      program: '/usr/bin/tailscale',
      version: '1.102.4',
      obstacle: null,
    },
  })
})

test.each([
  [
    { code: 1, stderr: "failed to connect to local tailscaled; it doesn't appear to be running" },
    'Tailscale is not running.',
  ],
  [{ code: 1, stderr: 'Access denied: status access denied' }, /does not let this user/],
  ['{"BackendState":"NeedsLogin","AuthURL":""}', 'Nobody is logged in to Tailscale.'],
  ['{"BackendState":"Running","Self":{"CapMap":{"https":null}}}', /policy/],
])('Tailscale that is not ready: %j', async (answer, message) => {
  const { obstacle } = await tailscaleThat(answer)
  expect(obstacle?.message).toMatch(message)
})

test('Tailscale that does not answer in time is not accused', async () => {
  expect((await tailscaleThat({ code: null })).obstacle).toBeNull()
})

test('Tailscale from before the foreground is refused, with what to do', async () => {
  expect((await tailscaleThat('{}', '1.50.1')).obstacle).toMatchObject({ hint: expect.stringContaining('Update') })
  expect((await tailscaleThat('{}', '1.52.0')).obstacle).toBeNull()
})

test('a program that says nothing does not keep anybody waiting', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'portico-find-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await writeFile(
    path.join(dir, 'mute'),
    `#!${process.execPath}\nprocess.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`,
    { mode: 0o755 },
  )
  const real = thisToolMachine(currentPlatform(), { PATH: dir, GREETING: 'hello' })
  expect(await real.run(path.join(dir, 'mute'), [], { timeoutMs: 200 })).toMatchObject({ code: null })
  expect(await real.run(path.join(dir, 'nothing'), [], { timeoutMs: 200 })).toMatchObject({ code: null })
  expect(
    await real.run(process.execPath, ['-p', 'process.env.GREETING + process.env.MORE'], {
      timeoutMs: 9_000,
      env: { MORE: '!' },
    }),
  ).toMatchObject({
    code: 0,
    stdout: 'hello!',
  })
  expect(await real.runnable(path.join(dir, 'mute'))).toBe(true)
  expect(await real.runnable(dir)).toBe(false)
  expect(await real.readText(path.join(dir, 'nothing'))).toBeNull()
})
