import { expect, onTestFinished, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { currentPlatform } from '../../src/main/platform/platform.js'
import { HTTP1 } from '../support/client.js'
import { startGateway } from '../support/gateway.js'
import { startUpstream } from '../support/upstream.js'

/** Asks its peer over the gateway, by the URL it was given, and answers with what the peer said. */
const ASKING = `
const { get } = require('node:https')
const peer = new URL(process.env.PORTICO_URL_API)
require('node:http').createServer((request, response) => {
  get(peer, { hostname: '127.0.0.1', servername: peer.hostname, headers: { host: peer.host } }, (answer) => answer.pipe(response))
    .on('error', (error) => response.end(error.code))
}).listen(process.env.PORT, process.env.HOST)
`

test.each([
  ['an app trusts its peers, as Portico gives it the CA', {}, 'the api'],
  ['what the app’s own settings say of trust is kept', { NODE_EXTRA_CA_CERTS: '' }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
])('%s', async (_, env, expected) => {
  const api = await startUpstream((_request, response) => response.end('the api'))
  const gateway = await startGateway(
    {
      apps: [
        { name: 'api', port: api.port },
        { name: 'shop', process: { command: ['node', '-e', ASKING], env, start: 'request' } },
      ],
    },
    { host: hostFacts(currentPlatform()) },
  )
  onTestFinished(() => gateway.stop())
  const answer = await HTTP1.request(gateway, { host: 'shop.localhost', path: '/' })
  expect(answer.text).toBe(expected)
})
