import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import {
  describeHolder,
  findPortHolder,
  holderAmong,
  holderOf,
} from '../../../../src/main/platform/port-holder/port-holder.js'
import { permitLowPortsCommand } from '../../../../src/main/platform/privileged-ports/permit-command.js'
import { Listeners } from '../../../support/listener.js'

test.runIf(process.platform === 'linux')('names the process that listens on a port of this machine', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const holder = await findPortHolder(port, 'linux')
  expect(holder?.pid).toBe(process.pid)
  expect(describeHolder(holder as NonNullable<typeof holder>)).toBe(`node (PID ${process.pid})`)
  await new Promise((resolve) => server.close(resolve))
  expect(await findPortHolder(port, 'linux')).toBeNull()
})

test.runIf(process.platform === 'linux')('tells pid and command line of who holds a port', async () => {
  const listeners = await Listeners.make()
  onTestFinished(() => listeners.close())
  const { port, pid, end } = await listeners.node(await listeners.project('shop'), '127.0.0.1')
  expect(await holderOf(port, 'linux')).toEqual({ pid, command: expect.stringMatching(/^node -e .*127\.0\.0\.1$/s) })
  await end()
  expect(await holderOf(port, 'linux')).toBeNull()
})

test('a holder that may not be seen is told from no holder, and a known one comes first', () => {
  const hidden = { address: '0.0.0.0', port: 80, process: null }
  const nginx = { pid: 812, command: 'nginx', folder: null, commandLine: null }
  expect(holderAmong([])).toBeNull()
  expect(holderAmong([hidden])).toEqual({ pid: null, command: null })
  expect(holderAmong([hidden, { ...hidden, process: nginx }])).toEqual({ pid: 812, command: 'nginx' })
})

test('names the command that permits low ports only where there is one', () => {
  expect(permitLowPortsCommand('linux')).toBe('portico low-ports install')
  expect(permitLowPortsCommand('darwin')).toBeNull()
  expect(permitLowPortsCommand('win32')).toBeNull()
})
