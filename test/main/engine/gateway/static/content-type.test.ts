import { expect, test } from 'vitest'
import { contentTypeOf } from '../../../../../src/main/engine/gateway/static/content-type.js'

test.each([
  ['index.html', 'text/html; charset=utf-8'],
  ['INDEX.HTML', 'text/html; charset=utf-8'],
  ['style.css', 'text/css; charset=utf-8'],
  ['app.js', 'text/javascript; charset=utf-8'],
  ['app.mjs', 'text/javascript; charset=utf-8'],
  ['app.cjs', 'text/javascript; charset=utf-8'],
  ['app.js.map', 'application/json; charset=utf-8'],
  ['data.json', 'application/json; charset=utf-8'],
  ['notes.txt', 'text/plain; charset=utf-8'],
  ['app.wasm', 'application/wasm'],
  ['site.webmanifest', 'application/manifest+json; charset=utf-8'],
  ['inter.woff2', 'font/woff2'],
  ['logo.svg', 'image/svg+xml'],
  ['photo.avif', 'image/avif'],
  ['archive.tar.gz', 'application/gzip'],
  ['LICENSE', 'application/octet-stream'],
  ['x.unheard-of', 'application/octet-stream'],
  ['x.__proto__', 'application/octet-stream'],
  ['x.constructor', 'application/octet-stream'],
])('%s is %s', (name, type) => {
  expect(contentTypeOf(name)).toBe(type)
})
