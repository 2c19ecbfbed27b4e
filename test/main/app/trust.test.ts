import { expect, test } from 'vitest'
import { isPermitted, mayOpenExternally, mayUseBridge } from '../../../src/main/app/trust.js'

const APP = 'app://portico'

test.each([
  [{ origin: APP, mainFrame: true, ownWindow: true }, true],
  [{ origin: null, mainFrame: true, ownWindow: true }, false],
  [{ origin: 'app://portico.evil', mainFrame: true, ownWindow: true }, false],
  [{ origin: 'https://portico', mainFrame: true, ownWindow: true }, false],
  [{ origin: APP, mainFrame: false, ownWindow: true }, false],
  [{ origin: APP, mainFrame: true, ownWindow: false }, false],
])('%j may use the bridge: %s', (sender, expected) => {
  expect(mayUseBridge(sender, APP)).toBe(expected)
})

test.each([
  ['https://shop.localhost/', true],
  ['https://shop.localhost:4443/x?y', true],
  ['http://127.0.0.1:3000/', true],
  ['http://[::1]:3000/', true],
  ['https://shop.test/', true],
  ['https://a.b.test/', true],
  ['https://b.test/', false],
  ['https://evilb.test/', false],
  ['https://shop.localhost.evil.example/', false],
  ['https://evil.example/#.localhost', false],
  ['https://user:secret@shop.localhost/', false],
  ['file:///etc/passwd', false],
  ['javascript:alert(1)//.localhost', false],
  ['smb://shop.localhost/', false],
  ['portico://open/shop', false],
  ['shop.localhost', false],
])('%s may be opened in the browser: %s', (address, expected) => {
  expect(mayOpenExternally(address, ['shop.test', '*.b.test'])).toBe(expected)
})

test('the own page may write to the clipboard; nobody may anything else', () => {
  expect(isPermitted('clipboard-sanitized-write', `${APP}/index.html`, APP)).toBe(true)
  expect(isPermitted('clipboard-sanitized-write', 'https://evil.example/', APP)).toBe(false)
  expect(isPermitted('clipboard-sanitized-write', '', APP)).toBe(false)
  for (const permission of ['clipboard-read', 'media', 'geolocation', 'notifications', 'openExternal', 'unknown'])
    expect(isPermitted(permission, `${APP}/`, APP)).toBe(false)
})
