import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { generate } from 'selfsigned'
import { describe, expect, test } from 'vitest'
import { gatewayFor, handshake, refused, socketUpstream } from '../support/handshake.js'
import { RawClient } from '../support/raw-client.js'
import { closed, DOORS, extendedConnect, HTTP1, message } from '../support/websocket.js'

describe.each(DOORS)('over $name', (door) => {
  test('subprotocol and compression are negotiated between the two ends', async () => {
    const upstream = await socketUpstream((socket) => socket.on('message', (data) => socket.send(data)), {
      perMessageDeflate: { threshold: 0 },
      handleProtocols: (offered) => [...offered][1] as string,
    })
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const client = await door.connect(gateway, '/', {
      protocols: ['first', 'second'],
      perMessageDeflate: { threshold: 0 },
    })
    expect(client.protocol).toBe('second')
    expect(client.extensions).toContain('permessage-deflate')
    const offered = upstream.handshakes[0]?.headers
    expect(offered?.['sec-websocket-protocol']).toBe('first,second')
    expect(offered?.['sec-websocket-extensions']).toBe('permessage-deflate; client_max_window_bits')
    const arrival = message(client)
    client.send('a'.repeat(100_000))
    expect((await arrival).data.toString()).toBe('a'.repeat(100_000))
    client.close()
    const entry = await gateway.entry('/')
    expect(entry.bytesIn).toBeLessThan(2_000)
  })

  test('what the client did not offer is not negotiated', async () => {
    const upstream = await socketUpstream(undefined, { perMessageDeflate: true })
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const client = await door.connect(gateway, '/', { perMessageDeflate: false })
    expect(client.extensions).toBe('')
    expect(client.protocol).toBe('')
    expect(upstream.handshakes[0]?.headers['sec-websocket-extensions']).toBeUndefined()
    client.close()
    await closed(client)
  })

  test('the backend sees a proper handshake: path untouched, Host kept, forwarding fields, one Cookie', async () => {
    const upstream = await socketUpstream()
    const gateway = await gatewayFor({
      apps: [
        {
          name: 'app',
          routes: [
            {
              path: '/in/*',
              stripPrefix: '/in',
              addPrefix: '/out',
              upstream: { backends: [{ url: upstream.url }] },
              headers: { request: { set: { 'X-Added': 'yes' }, remove: ['X-Removed'] } },
            },
          ],
        },
      ],
    })
    const client = await door.connect(gateway, '/in//a%2Fb/c%20d?x=1&x=%zz&empty=?&', {
      headers: {
        Cookie: 'a=1; b=2',
        'X-Removed': '1',
        'X-Forwarded-For': '10.9.8.7',
        'X-Twice': ['1', '2'] as unknown as string,
      },
      origin: 'https://elsewhere.example',
    })
    const request = upstream.handshakes[0]
    const raw = request?.rawHeaders ?? []
    const values = (name: string) => raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name)
    expect(request?.url).toBe('/out//a%2Fb/c%20d?x=1&x=%zz&empty=?&')
    expect(values('host')).toEqual([`app.localhost:${gateway.httpsPort}`])
    expect(values('connection')).toEqual(['Upgrade'])
    expect(values('upgrade')).toEqual(['websocket'])
    expect(values('sec-websocket-version')).toEqual(['13'])
    expect(values('sec-websocket-key')).toHaveLength(1)
    expect(values('cookie')).toEqual(['a=1; b=2'])
    expect(values('origin')).toEqual(['https://elsewhere.example'])
    expect(values('x-added')).toEqual(['yes'])
    expect(values('x-removed')).toEqual([])
    expect(values('x-forwarded-for')).toEqual(['10.9.8.7, 127.0.0.1'])
    expect(values('x-forwarded-proto')).toEqual(['https'])
    expect(values('forwarded')).toHaveLength(1)
    expect(values('via')[0]).toMatch(door.name === 'HTTP/2' ? /^2 portico-/ : /^1\.1 portico-/)
    expect(raw.filter((name) => name.startsWith(':'))).toEqual([])
    client.close()
    await closed(client)
  })

  test.each(['/?', '/a?', '//double//slash', '/?only=query', '/%00%ff', '/a/../b/./c'])(
    'the target %s arrives byte for byte',
    async (target) => {
      const upstream = await socketUpstream()
      const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
      if (door.name === 'HTTP/2') {
        const stream = await extendedConnect(gateway, target)
        await once(stream, 'response')
        stream.close()
      } else {
        const client = await RawClient.connect(gateway)
        await client.send(handshake(gateway, { target })).receive('101 ')
        client.destroy()
      }
      expect(upstream.handshakes[0]?.url).toBe(target)
    },
  )

  test('backends on ::1 only are found', async () => {
    const upstream = await socketUpstream(undefined, { listenHost: '::1' })
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const client = await door.connect(gateway)
    client.close()
    await closed(client)
  })

  test('a secure backend is verified against its CA file, and refused without', async () => {
    const pems = await generate([{ name: 'commonName', value: 'backend.test' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'backend.test' }] }],
    })
    const upstream = await socketUpstream((socket) => socket.on('message', (data) => socket.send(data)), {
      tls: { cert: pems.cert, key: pems.private },
    })
    const gateway = await gatewayFor({ apps: [] })
    const caFile = path.join(gateway.dataDir, 'backend-ca.pem')
    await writeFile(caFile, pems.cert)
    const route = (target: string, more: object) => ({
      path: target,
      upstream: { backends: [{ url: upstream.url, ...more }] },
    })
    await gateway.configure({
      apps: [
        {
          name: 'app',
          routes: [
            route('/verified', { caFile, serverName: 'backend.test' }),
            route('/insecure', { insecure: true }),
            route('/unverified', { serverName: 'backend.test' }),
          ],
        },
      ],
    })
    for (const target of ['/verified', '/insecure']) {
      const client = await door.connect(gateway, target)
      const arrival = message(client)
      client.send('through TLS')
      expect((await arrival).data.toString()).toBe('through TLS')
      client.close()
      await closed(client)
    }
    const answer = await refused(door.name, gateway, '/unverified')
    expect(answer.status).toBe(502)
    expect(answer.body).toContain('could not be reached safely')
  })

  test('response fields are rewritten and edited, but what was negotiated stays', async () => {
    const upstream = await socketUpstream(undefined, { handleProtocols: () => 'chat' })
    upstream.server.on('headers', (headers) =>
      headers.push('Set-Cookie: a=1; Domain=127.0.0.1', 'Set-Cookie: b=2', 'Server: secret', 'X-Gone: 1'),
    )
    const gateway = await gatewayFor({
      apps: [
        {
          name: 'app',
          routes: [
            {
              path: '/',
              upstream: { backends: [{ url: upstream.url }] },
              headers: {
                response: {
                  set: { 'X-Set': 'yes', 'Sec-WebSocket-Protocol': 'other' },
                  remove: ['X-Gone', 'Sec-WebSocket-Accept'],
                },
              },
            },
          ],
        },
      ],
    })
    let fields: Record<string, string | string[] | undefined>
    if (door.name === 'HTTP/2') {
      const stream = await extendedConnect(gateway, '/', [
        ['sec-websocket-version', '13'],
        ['sec-websocket-protocol', 'chat'],
      ])
      fields = (await once(stream, 'response'))[0]
      expect(fields['sec-websocket-accept']).toBeUndefined()
      stream.close()
    } else {
      const [response] = await new Promise<[{ headers: typeof fields }]>((resolve, reject) => {
        HTTP1.connect(gateway, '/', {
          protocols: ['chat'],
          finishRequest: (request) => {
            request.on('upgrade', (answer) => resolve([answer]))
            request.end()
          },
        }).then((client) => client.terminate(), reject)
      })
      fields = response.headers
      expect(fields['sec-websocket-accept']).toBeDefined()
    }
    expect(fields['sec-websocket-protocol']).toBe('chat')
    expect(fields['set-cookie']).toEqual(['a=1', 'b=2'])
    expect(fields.server).toBeUndefined()
    expect(fields['x-set']).toBe('yes')
    expect(fields['x-gone']).toBeUndefined()
  })
})
