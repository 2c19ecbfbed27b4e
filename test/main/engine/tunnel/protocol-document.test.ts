import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import {
  AGENT_HEADER,
  AGENT_PATH,
  agentMessageSchema,
  relayMessageSchema,
} from '../../../../src/main/engine/tunnel/control-messages.js'
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  INITIAL_WINDOW,
  MAX_CONTROL,
  MAX_DATA,
  MAX_MESSAGE,
  MalformedFrame,
  TUNNEL_ERRORS,
} from '../../../../src/main/engine/tunnel/frames.js'
import { decodeClientMessage } from '../../../../src/main/engine/tunnel/relay/json/json-messages.js'
import { LINK_CLOSE, TUNNEL_PROTOCOL } from '../../../../src/main/engine/tunnel/tunnel-link.js'

/** The document is what others write clients by: its examples and tables are the code's. */
const TEXT = readFileSync(path.resolve(import.meta.dirname, '../../../../docs/tunnel-protocol.md'), 'utf8')
const BLOCKS = [...TEXT.matchAll(/^```([^\n]*)\n(.*?)^```/gms)].map(([, info = '', body = '']) => ({ info, body }))

function blocks(info: string): string[] {
  return BLOCKS.filter((block) => block.info === info).map(({ body }) => body)
}

/** Without the remarks behind #. */
function bytesOf(hex: string): Buffer {
  const digits = hex.replace(/#.*$/gm, '').replace(/\s/g, '')
  expect(digits).toMatch(/^([0-9a-f]{2})+$/)
  return Buffer.from(digits, 'hex')
}

/** In the document the bytes of data are text. */
function frameOf(json: string): Frame {
  const frame = JSON.parse(json) as Frame & { bytes?: unknown }
  return typeof frame.bytes === 'string' ? ({ ...frame, bytes: Buffer.from(frame.bytes) } as Frame) : frame
}

const EXAMPLES = BLOCKS.flatMap(({ info, body }, at) =>
  info === 'hex' ? [{ hex: body, json: BLOCKS[at + 1]?.info === 'json' ? (BLOCKS[at + 1]?.body ?? '') : '' }] : [],
)

test.each(EXAMPLES)('the example $json is encoded and decoded as it is written', ({ hex, json }) => {
  const [bytes, frame] = [bytesOf(hex), frameOf(json)]
  expect(decodeFrame(bytes)).toEqual(frame)
  expect(encodeFrame(frame).toString('hex')).toBe(bytes.toString('hex'))
})

test('remarks behind bytes of text say what they are', () => {
  const remarks = [
    ...TEXT.matchAll(/^((?:[0-9a-f]{2} )+) +# (\{"type.*|h","name.*|hello|ECONNREFUSED|192\.0\.2\.7.*)$/gm),
  ]
  expect(remarks.length).toBeGreaterThanOrEqual(5)
  for (const [, hex = '', text] of remarks) expect(bytesOf(hex).toString()).toBe(text)
})

test('each type of frame has an example, a number and a section', () => {
  const types = EXAMPLES.map(({ json }) => frameOf(json).type)
  const rows = [...TEXT.matchAll(/^\| (\d) \| `(\w+)` \| (?:0|new|open) \|/gm)]
  expect(rows.map(([, , name]) => name).sort()).toEqual([...new Set(types)].sort())
  for (const { hex, json } of EXAMPLES) {
    const row = rows.find(([, , name]) => name === frameOf(json).type)
    expect(bytesOf(hex)[0]).toBe(Number(row?.[1]))
  }
  for (const type of types) expect(TEXT).toContain(`\n### ${type}\n`)
})

test.each(blocks('hex malformed'))('refused: %s', (hex) => {
  expect(() => decodeFrame(bytesOf(hex))).toThrow(MalformedFrame)
})

test('examples of control messages are valid, and there is one of each', () => {
  const relay = blocks('json relay').map((text) => relayMessageSchema.parse(JSON.parse(text)))
  const agent = blocks('json agent').map((text) => agentMessageSchema.parse(JSON.parse(text)))
  expect(relay.map(({ type }) => type).sort()).toEqual(relayMessageSchema.options.map(typeOf).sort())
  expect(agent.map(({ type }) => type).sort()).toEqual(agentMessageSchema.options.map(typeOf).sort())
  expect(relay).toEqual(blocks('json relay').map((text) => JSON.parse(text)))
  expect(agent).toEqual(blocks('json agent').map((text) => JSON.parse(text)))
})

function typeOf({ shape }: { shape: { type: { value: string } } }): string {
  return shape.type.value
}

test('errors, close codes, names and limits are those of the code', () => {
  const errors = [...TEXT.matchAll(/^\| (\d) \| `(\w+)` \| [a-z]/gm)].map(([, code, name]) => [name, Number(code)])
  expect(Object.fromEntries(errors.filter(([name]) => String(name) in TUNNEL_ERRORS))).toEqual(TUNNEL_ERRORS)
  const codes = [...TEXT.matchAll(/^\| (\d{4}) \| `(\w+)` \|/gm)].map(([, code, name]) => [name, Number(code)])
  expect(Object.fromEntries(codes)).toEqual(LINK_CLOSE)
  expect(TEXT).toContain(`\nGET ${AGENT_PATH} HTTP/1.1\n`)
  expect(TEXT.toLowerCase()).toContain(`\n${AGENT_HEADER}: laptop\n`)
  expect(TEXT).toContain(`\nSec-WebSocket-Protocol: ${TUNNEL_PROTOCOL}\n`)
  const limits = { message: MAX_MESSAGE, 'payload of `data`': MAX_DATA, 'payload of `control`': MAX_CONTROL }
  for (const [name, bytes] of Object.entries({ ...limits, 'window of a stream, each direction': INITIAL_WINDOW })) {
    expect(TEXT).toContain(`| ${name} | ${bytes.toLocaleString('en')} bytes |`)
  }
})

test('messages of the older form are what the relay takes', () => {
  const messages = blocks('json older').map((text) => JSON.parse(text) as { type: string })
  expect(messages.map(({ type }) => type)).toEqual(['proxy_connect', 'proxy_data', 'proxy_disconnect'])
  for (const message of messages.slice(1)) expect(decodeClientMessage(JSON.stringify(message))).toEqual(message)
})

test('links within the document lead somewhere', () => {
  const headings = [...TEXT.matchAll(/^##+ (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'))
  for (const [, anchor] of TEXT.matchAll(/\]\(#([^)]+)\)/g)) expect(headings).toContain(anchor)
})
