import { describe, expect, test } from 'vitest'
import { controlEndpoint } from '../../../../src/main/engine/control/endpoint.js'

const unix = { platform: 'linux', tmpDir: '/tmp', uid: 1000 } as const

describe('where the control socket is', () => {
  test('a unix socket lies in the data directory', () => {
    expect(controlEndpoint({ ...unix, dataDir: '/home/ann/.local/share/portico' })).toEqual({
      path: '/home/ann/.local/share/portico/control.sock',
      directory: '/home/ann/.local/share/portico',
    })
  })

  test('a path too long for a unix address moves to a short one of this user and data directory', () => {
    const dataDir = `/home/ann/${'x'.repeat(100)}`
    const endpoint = controlEndpoint({ ...unix, dataDir })
    expect(endpoint.path).toMatch(/^\/tmp\/portico-1000-[0-9a-f]{16}\/control\.sock$/)
    expect(endpoint.directory).toBe(endpoint.path.replace('/control.sock', ''))
    expect(controlEndpoint({ ...unix, dataDir })).toEqual(endpoint)
    expect(controlEndpoint({ ...unix, dataDir: `${dataDir}y` })).not.toEqual(endpoint)
    expect(controlEndpoint({ ...unix, uid: 1001, dataDir })).not.toEqual(endpoint)
  })

  test('the length is counted in bytes, not in characters', () => {
    const endpoint = controlEndpoint({ ...unix, dataDir: `/home/${'ü'.repeat(45)}` })
    expect(endpoint.path).toMatch(/^\/tmp\/portico-/)
  })

  test('Windows has a named pipe per data directory, whatever the case it is written in', () => {
    const windows = { platform: 'win32', tmpDir: 'C:\\Temp', uid: 0 } as const
    const endpoint = controlEndpoint({ ...windows, dataDir: 'C:\\Users\\Ann\\AppData\\portico' })
    expect(endpoint.path).toMatch(/^\\\\\.\\pipe\\portico-[0-9a-f]{16}$/)
    expect(endpoint.directory).toBeNull()
    expect(controlEndpoint({ ...windows, dataDir: 'c:\\users\\ann\\appdata\\PORTICO' })).toEqual(endpoint)
  })
})

test('another process with a data directory of its own kind has an endpoint of its own name', () => {
  expect(controlEndpoint({ ...unix, dataDir: '/srv/relay', name: 'relay' }).path).toBe('/srv/relay/relay.sock')
  const windows = { ...unix, platform: 'win32' as const, dataDir: 'C:\\relay' }
  expect(controlEndpoint({ ...windows, name: 'relay' }).path).toMatch(/^\\\\\.\\pipe\\portico-relay-[0-9a-f]{16}$/)
  expect(controlEndpoint(windows).path).toMatch(/^\\\\\.\\pipe\\portico-[0-9a-f]{16}$/)
})
