import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { describeHolder, findPortHolder } from '../../../../src/main/platform/port-holder/port-holder.js'
import { permitLowPortsCommand } from '../../../../src/main/platform/privileged-ports/permit-command.js'

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

test('names the command that permits low ports only where there is one', () => {
  expect(permitLowPortsCommand('linux')).toBe('sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80')
  expect(permitLowPortsCommand('darwin')).toBeNull()
  expect(permitLowPortsCommand('win32')).toBeNull()
})
