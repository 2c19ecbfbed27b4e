import { describe, expect, test } from 'vitest'
import { matchRoute } from '../../../../src/main/engine/gateway/match-route.js'
import { RouteTable } from '../../../../src/main/engine/gateway/route-table.js'
import { configSchema } from '../../../../src/shared/config.js'

function appOf(...routes: [path: string, methods?: string[]][]) {
  const config = configSchema.parse({
    version: 1,
    apps: [{ name: 'a', routes: routes.map(([path, methods]) => ({ path, methods, redirect: { to: '/' } })) }],
  })
  return new RouteTable(config).apps[0] as RouteTable['apps'][number]
}

const pathOf = (app: ReturnType<typeof appOf>, method: string, pathname: string) => {
  const match = matchRoute(app, method, pathname)
  if (match.kind !== 'route') return match.kind
  return match.route.prefix ? `${match.route.path}/*` : match.route.path
}

describe('the path', () => {
  const app = appOf(['/a/*'], ['/a/b'], ['/a/b/*'], ['/exact'], ['/a/bb/*'])

  test.each([
    ['/a', '/a/*'],
    ['/a/', '/a/*'],
    ['/a/x', '/a/*'],
    ['/a/b', '/a/b'],
    ['/a/b/', '/a/b/*'],
    ['/a/b/c/d', '/a/b/*'],
    ['/a/bb', '/a/bb/*'],
    ['/a/bbb', '/a/*'],
    ['/exact', '/exact'],
    ['/exact/', 'none'],
    ['/ab', 'none'],
    ['/', 'none'],
    ['/A', 'none'],
  ])('%s is taken by %s', (pathname, expected) => {
    expect(pathOf(app, 'GET', pathname)).toBe(expected)
  })
})

test('"/" takes every path that nothing longer takes', () => {
  const app = appOf(['/'], ['/x'])
  expect(pathOf(app, 'GET', '/y/z')).toBe('/*')
  expect(pathOf(app, 'GET', '/x')).toBe('/x')
})

test('the method comes before the path: a shorter path that takes it wins over a longer that does not', () => {
  const app = appOf(['/a/*', ['POST']], ['/a/b/*', ['GET']])
  expect(pathOf(app, 'POST', '/a/b/c')).toBe('/a/*')
})

test('HEAD goes where GET goes, and 405 lists both with the methods of all routes of the path', () => {
  const app = appOf(['/a/*', ['PUT']], ['/a/b', ['GET', 'POST']])
  expect(pathOf(app, 'HEAD', '/a/b')).toBe('/a/b')
  expect(matchRoute(app, 'DELETE', '/a/b')).toEqual({ kind: 'method', allow: ['GET', 'HEAD', 'POST', 'PUT'] })
  expect(matchRoute(app, 'get', '/a/b')).toMatchObject({ kind: 'method' })
})
