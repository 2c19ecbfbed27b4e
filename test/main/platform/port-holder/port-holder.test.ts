import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { parseLsof } from '../../../../src/main/platform/port-holder/darwin.js'
import { listeningInodes } from '../../../../src/main/platform/port-holder/linux.js'
import { describeHolder, findPortHolder } from '../../../../src/main/platform/port-holder/port-holder.js'
import { parseNetstat, parseTasklist } from '../../../../src/main/platform/port-holder/windows.js'
import { permitLowPortsCommand } from '../../../../src/main/platform/privileged-ports/permit-command.js'

test.runIf(process.platform === 'linux')('names the process that listens on a port of this machine', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const holder = await findPortHolder(port, 'linux')
  expect(holder?.pid).toBe(process.pid)
  expect(describeHolder(holder as NonNullable<typeof holder>)).toMatch(new RegExp(`^.+ \\(PID ${process.pid}\\)$`))
  await new Promise((resolve) => server.close(resolve))
  expect(await findPortHolder(port, 'linux')).toBeNull()
})

test('reads the sockets that listen, not those connected, from /proc/net/tcp', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41873 1 0000000000000000 100 0 0 10 0',
    '   1: 0100007F:01BB 0100007F:D2F4 01 00000000:00000000 00:00000000 00000000  1000        0 41999 1 0000000000000000 20 4 30 10 -1',
    '   2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 30001 1 0000000000000000 100 0 0 10 0',
  ].join('\n')
  expect(listeningInodes(table, 443)).toEqual(['41873'])
  expect(listeningInodes(table, 80)).toEqual(['30001'])
  expect(listeningInodes(table, 8080)).toEqual([])
})

test('reads the field output of lsof', () => {
  expect(parseLsof('p812\ncnginx\nf6\n')).toEqual({ pid: 812, command: 'nginx' })
  expect(parseLsof('')).toBeNull()
})

test('reads netstat and tasklist of Windows, also where the state is translated', () => {
  const netstat = [
    'Aktive Verbindungen',
    '',
    '  Proto  Lokale Adresse         Remoteadresse          Status           PID',
    '  TCP    0.0.0.0:443            0.0.0.0:0              ABHÖREN          4812',
    '  TCP    127.0.0.1:443          127.0.0.1:50211        HERGESTELLT      4812',
    '  TCP    [::]:80                [::]:0                 ABHÖREN          4',
  ].join('\r\n')
  expect(parseNetstat(netstat, 443)).toBe(4812)
  expect(parseNetstat(netstat, 80)).toBe(4)
  expect(parseNetstat(netstat, 44)).toBeNull()
  expect(parseTasklist('"httpd.exe","4812","Services","0","21.340 K"\r\n')).toBe('httpd.exe')
  expect(parseTasklist('INFO: No tasks are running which match the specified criteria.')).toBeNull()
})

test('names the command that permits low ports only where there is one', () => {
  expect(permitLowPortsCommand('linux')).toBe('sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80')
  expect(permitLowPortsCommand('darwin')).toBeNull()
  expect(permitLowPortsCommand('win32')).toBeNull()
})
