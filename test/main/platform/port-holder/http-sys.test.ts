import { expect, test } from 'vitest'
import { describeHttpSys, httpSysOwner } from '../../../../src/main/platform/port-holder/http-sys.js'

const STATE = [
  'Snapshot of HTTP service state (Request Queue View):',
  '-----------------------------------------------------',
  '',
  'Request queue name: Request queue is unnamed.',
  '    Version: 2.0',
  '    State: Active',
  '    Number of active processes attached: 1',
  '    Processes:',
  '        ID: 2892, image: C:\\Windows\\System32\\svchost.exe',
  '    URL groups:',
  '    URL group ID: FD00000040000001',
  '            Registered URLs:',
  '                HTTP://+:5985/WSMAN/',
  '',
  'Request queue name: DefaultAppPool',
  '    Version: 2.0',
  '    Processes:',
  '        ID: 5544, image: C:\\Windows\\System32\\inetsrv\\w3wp.exe',
  '    URL groups:',
  '            Registered URLs:',
  '                HTTP://*:80/',
  '                HTTPS://*:443:192.168.1.5/',
  '',
  'Request queue name: Idle',
  '            Registered URLs:',
  '                HTTPS://+:8443/',
  '',
].join('\r\n')

test('the process behind http.sys is named, or the queue where none runs', () => {
  expect(httpSysOwner(STATE, 80)).toBe('w3wp (PID 5544)')
  expect(httpSysOwner(STATE, 443)).toBe('w3wp (PID 5544)')
  expect(httpSysOwner(STATE, 5985)).toBe('svchost (PID 2892)')
  expect(httpSysOwner(STATE, 8443)).toBe('the request queue Idle')
  expect(httpSysOwner(STATE, 44)).toBeNull()
  expect(httpSysOwner('', 80)).toBeNull()
})

test('that it is http.sys is said also when netsh says nothing', async () => {
  const run = async () => ({ exitCode: 1, stdout: '', stderr: '' })
  expect(await describeHttpSys(443, run)).toBe('http.sys of Windows (IIS, or another service)')
})
