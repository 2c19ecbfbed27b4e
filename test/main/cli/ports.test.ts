import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatPorts } from '../../../src/main/cli/format-ports.js'
import type { DiscoveredPort } from '../../../src/shared/window-schemas.js'
import { Listeners } from '../../support/listener.js'
import { Sandbox } from './portico.js'

let box: Sandbox
let listeners: Listeners

beforeEach(async () => {
  box = await Sandbox.make()
  listeners = await Listeners.make()
})

afterEach(async () => {
  await listeners.close()
  await box.close()
})

test('portico ports says what listens and how to serve it, with and without a running gateway', async () => {
  const folder = await listeners.project('shop', { 'package.json': '{"name":"shop","dependencies":{"koa":"3"}}' })
  const { port, pid } = await listeners.node(folder, '127.0.0.1')
  for (const running of [false, true]) {
    if (running) await box.serve()
    const config = running ? [] : ['--config', box.configFile]
    const found = (await box.run('ports', ...config)).stdout
    expect(found).toContain(`  Koa  node (PID ${pid})  ${folder}\n`)
    const command = [`portico --data-dir ${box.dataDir} app add shop --port ${port}`, ...config].join(' ')
    expect(found).toContain(`${command}\n`)
  }
  await box.run('app', 'add', 'shop', '--port', String(port))
  const { code, stdout } = await box.run('ports', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ port, pid, folder, app: 'shop' }))
  expect((await box.run('ports')).stdout).toContain('served as the app shop\n')
})

test('what processes call themselves can do no more on a terminal than be seen', () => {
  const hostile = '\u001b]0;owned\u0007\n'
  const found: DiscoveredPort = {
    port: 3000,
    addresses: ['127.0.0.1'],
    pid: 1,
    command: hostile,
    folder: `/${hostile}`,
    framework: null,
    proposedName: 'owned',
    app: null,
  }
  const lines = formatPorts(
    [found, { ...found, port: 3001, pid: null, command: null, folder: null }],
    (name) => `portico app add ${name}`,
  )
  expect(lines.join('')).not.toMatch(/[\u0007\n]|\u001b\]/)
  expect(lines[1]).toContain('portico app add owned')
  expect(lines[2]).toContain('an unknown process')
})

test('where nothing listens it says so', () => {
  expect(formatPorts([], () => '')).toEqual(['Nothing that could be an app listens on this machine.'])
})
