import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type LaunchFacts,
  type LaunchPlan,
  planLaunch,
  readText,
} from '../../../../../src/main/engine/supervisor/launch/plan.js'
import { compileProcess, type ProcessSettings } from '../../../../../src/main/engine/supervisor/settings.js'
import type { ProcessConfig } from '../../../../../src/shared/config.js'
import { Fault } from '../../../../../src/shared/fault.js'

test('a command line is given to the shell, and a list of words to its program', async () => {
  expect(await plan({ command: 'FOO=1 ./start "a b"' })).toMatchObject({
    program: '/bin/sh',
    args: ['-c', 'FOO=1 ./start "a b"'],
    verbatim: false,
    port: 4100,
    framework: null,
    notes: [],
  })
  expect(await plan({ command: ['./start', 'a b'] })).toMatchObject({
    program: './start',
    args: ['a b'],
    verbatim: false,
  })
})

test('cmd.exe gets the line in quotes of its own, which Node must not quote again', async () => {
  const facts = { shell: ['C:\\Windows\\system32\\cmd.exe', '/d', '/s', '/c'] }
  expect(await plan({ command: 'npm run "a b"' }, facts)).toMatchObject({
    program: 'C:\\Windows\\system32\\cmd.exe',
    args: ['/d', '/s', '/c', '"npm run "a b""'],
    verbatim: true,
  })
})

describe('the environment', () => {
  test('says where to listen, and where every app is', async () => {
    const { env } = await plan(
      {},
      { peers: { shop: 'https://shop.localhost', 'my-api': 'https://my-api.localhost:4443' } },
    )
    expect(env).toMatchObject({
      PORT: '4100',
      HOST: '127.0.0.1',
      PORTICO_URL: 'https://shop.localhost',
      PORTICO_URL_SHOP: 'https://shop.localhost',
      PORTICO_URL_MY_API: 'https://my-api.localhost:4443',
    })
  })

  test('comes from the engine, then the files in their order, then the config', async () => {
    const files = {
      '/code/shop/.env': 'A=file1\nB=file1\nC=file1\n',
      '/code/shop/.env.local': 'B=file2\nC=file2\n',
    }
    const { env } = await plan(
      { env: { C: 'config' }, envFile: ['/code/shop/.env', '/code/shop/.env.local'] },
      { baseEnv: { A: 'engine', B: 'engine', C: 'engine', D: 'engine' }, readText: async (file) => at(files, file) },
    )
    expect([env.A, env.B, env.C, env.D]).toEqual(['file1', 'file2', 'config', 'engine'])
  })

  test.each([
    ['A=1', '1'],
    ['export A=1', '1'],
    ['  A = 1 2 ', '1 2'],
    ['A=1 # comment', '1'],
    ['A="1 # 2" # comment', '1 # 2'],
    ["A='1\\n2'", '1\\n2'],
    ['A="1\\n2"', '1\n2'],
    ['A="1\n2"', '1\n2'],
    ['A=`"it\'s"`', '"it\'s"'],
    ['A=', ''],
    ['A=x=y', 'x=y'],
    ['# A=2\r\nA=1\r\n', '1'],
    ['\uFEFFA=1', '1'],
    ['A=$HOME', '$HOME'],
    ['A=1\nA=2', '2'],
  ])('takes a file as dotenv does: %j', async (text, value) => {
    const { env } = await plan({ envFile: '/code/shop/.env' }, { readText: async () => text })
    expect(env.A).toBe(value)
  })

  test('has the port that was leased, whatever the files and the config say, and the HOST of the config', async () => {
    const facts = { baseEnv: { PORT: '1' }, readText: async () => 'PORT=2\nHOST=0.0.0.0' }
    expect((await plan({ env: { PORT: '3' }, envFile: '/x' }, facts)).env).toMatchObject({
      PORT: '4100',
      HOST: '127.0.0.1',
    })
    expect((await plan({ env: { HOST: '0.0.0.0' } })).env.HOST).toBe('0.0.0.0')
  })

  test('has what a terminal would do, unless somebody has an opinion', async () => {
    expect((await plan({})).env).toMatchObject({ FORCE_COLOR: '1', PYTHONUNBUFFERED: '1' })
    expect((await plan({ env: { NO_COLOR: '1' } })).env.FORCE_COLOR).toBeUndefined()
    expect((await plan({ env: { FORCE_COLOR: '3' } })).env.FORCE_COLOR).toBe('3')
  })

  test('has the project’s own programs first', async () => {
    const bin = path.join(path.resolve('/code/shop'), 'node_modules', '.bin')
    expect((await plan({}, { baseEnv: { PATH: '/bin' } })).env.PATH).toBe(`${bin}:/bin`)
    expect((await plan({ env: { PATH: '/opt' } }, { baseEnv: { PATH: '/bin' } })).env.PATH).toBe(`${bin}:/opt`)
  })

  test('has nothing that was for the engine alone', async () => {
    const baseEnv = { ELECTRON_RUN_AS_NODE: '1', NOTIFY_SOCKET: '/run/x', LISTEN_FDS: '2', KEPT: '1' }
    const { env } = await plan({}, { baseEnv })
    expect(Object.keys(env)).toContain('KEPT')
    for (const name of ['ELECTRON_RUN_AS_NODE', 'NOTIFY_SOCKET', 'LISTEN_FDS']) expect(env).not.toHaveProperty(name)
  })

  test('has nothing of the AppImage that the gateway runs from', async () => {
    const baseEnv = {
      APPDIR: '/tmp/.mount_x',
      ARGV0: './portico',
      PATH: '/tmp/.mount_x:/tmp/.mount_x/usr/sbin:/usr/bin:/tmp/.mount_xy',
      LD_LIBRARY_PATH: '/tmp/.mount_x/usr/lib:',
    }
    const { env } = await plan({}, { baseEnv })
    expect(env.PATH).toMatch(/\.bin:\/usr\/bin:\/tmp\/\.mount_xy$/)
    for (const name of ['APPDIR', 'ARGV0', 'LD_LIBRARY_PATH']) expect(env).not.toHaveProperty(name)
  })

  test('knows names without regard to case on Windows', async () => {
    const shell = ['cmd.exe', '/d', '/s', '/c']
    const { env } = await plan({ env: { path: 'C:\\mine' } }, { shell, baseEnv: { Path: 'C:\\bin', Port: '1' } })
    const names = Object.keys(env).filter((name) => /^(path|port)$/i.test(name))
    expect(names).toEqual(['Path', 'Port'])
    expect(env.Path).toMatch(/node_modules.\.bin;C:\\mine$/)
    expect(env.Port).toBe('4100')
  })

  test('names hosts outside .localhost to Vite and Rails', async () => {
    const hosts = ['shop.localhost', '*.shop.test', 'shop.test', '127.0.0.1']
    const { env } = await plan({ env: { RAILS_DEVELOPMENT_HOSTS: 'mine.test' } }, { hosts, url: 'https://shop.test' })
    expect(env.__VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS).toBe('shop.test,.shop.test')
    expect(env.RAILS_DEVELOPMENT_HOSTS).toBe('mine.test,shop.test,.shop.test')
    expect((await plan({})).env).not.toHaveProperty('RAILS_DEVELOPMENT_HOSTS')
  })
})

describe('the port', () => {
  test('is told to a known server by its flag, unless the config forbids it', async () => {
    expect(await plan({ command: 'next dev' })).toMatchObject({
      args: ['-c', 'next dev --port 4100'],
      framework: 'Next.js',
    })
    expect(await plan({ command: 'next dev', injectPort: false })).toMatchObject({ args: ['-c', 'next dev'] })
  })

  test('is the one that the command names itself, where the config leaves it open', async () => {
    const found = await plan({ command: 'next dev -p 3001' })
    expect(found.port).toBe(3001)
    expect(found.env.PORT).toBe('3001')
    expect(found.notes).toEqual(['the command names its own port, 3001, which is used instead of a free one'])
  })

  test('is the one of the config, and a command that names another is told of', async () => {
    const found = await plan({ command: 'next dev -p 3001', port: 4100 })
    expect(found.port).toBe(4100)
    expect(found.notes).toEqual(['the command names port 3001, but "port" is 4100: one of them must change'])
    expect((await plan({ command: 'next dev -p 4100', port: 4100 })).notes).toEqual([])
  })
})

describe('refused with a reason', () => {
  test('a folder that is not there', async () => {
    const refusal = plan({ cwd: '/code/gone' }, { isDirectory: async () => false })
    await expect(refusal).rejects.toThrow('the folder /code/gone of "shop" is not there')
    await expect(refusal).rejects.toBeInstanceOf(Fault)
  })

  test('an environment file that is not there', async () => {
    const refusal = plan({ envFile: '/code/shop/.env' }, { readText: async () => null })
    await expect(refusal).rejects.toThrow('the environment file /code/shop/.env is not there')
  })
})

test('npm gives a script what was added, through a script that calls another', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portico-plan-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  // A program that is called as Vite is, and tells what it was given.
  await writeFile(
    path.join(folder, 'vite.js'),
    'console.log(JSON.stringify([process.argv.slice(2), process.env.PORT]))',
  )
  const scripts = { dev: 'npm run inner', inner: 'node ./vite.js --mode test' }
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ scripts }))

  const { program, args, env, cwd } = await planLaunch(settingsOf({ command: 'npm run dev', cwd: folder }), {
    ...FACTS,
    baseEnv: process.env,
    readText,
  })
  const { stdout } = await promisify(execFile)(program, args, { env, cwd })
  expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toEqual([
    ['--mode', 'test', '--port', '4100', '--strictPort', '--host', '127.0.0.1'],
    '4100',
  ])
})

const FACTS: LaunchFacts = {
  port: 4100,
  url: 'https://shop.localhost',
  peers: {},
  baseEnv: {},
  shell: ['/bin/sh', '-c'],
  readText: async () => null,
  isDirectory: async () => true,
}

function plan(config: Partial<ProcessConfig>, facts: Partial<LaunchFacts> = {}): Promise<LaunchPlan> {
  return planLaunch(settingsOf(config), { ...FACTS, ...facts })
}

function settingsOf(config: Partial<ProcessConfig>): ProcessSettings {
  return compileProcess({ name: 'shop', process: { command: './start', ...config } }, path.resolve('/code/shop'))!
}

function at(files: Record<string, string>, file: string): string | null {
  return files[file] ?? null
}
