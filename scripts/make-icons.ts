import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { ROOT } from './run-step.ts'

/** `node scripts/make-icons.ts`: draws the icons of the app and its tray into resources/. A portico: the way in. */

type Colour = [red: number, green: number, blue: number]
/** True when the point is inside; coordinates from 0 to 1, y downwards. */
type Shape = (x: number, y: number) => boolean
type Stroke = [x1: number, y1: number, x2: number, y2: number]

const ACCENT: Colour = [63, 81, 209]
const WHITE: Colour = [255, 255, 255]
const BLACK: Colour = [0, 0, 0]
/** Subpixels in each direction; their share is the pixel's coverage. */
const SAMPLES = 4
const UNITS = 18
const STROKE_WIDTH = 1.7
const STROKES: Stroke[] = [
  [2, 6.6, 9, 2],
  [9, 2, 16, 6.6],
  [3.5, 15.5, 14.5, 15.5],
  [5.2, 7.6, 5.2, 15],
  [9, 7.6, 9, 15],
  [12.8, 7.6, 12.8, 15],
]

const tile = roundedSquare(0.06, 0.2)
const markOnTile = portico(0.72)
const markAlone = portico(1.14)

for (const [file, size, layers] of [
  [
    'icon.png',
    512,
    [
      { shape: tile, colour: ACCENT },
      { shape: markOnTile, colour: WHITE },
    ],
  ],
  ['tray.png', 16, [{ shape: markAlone, colour: ACCENT }]],
  ['tray@2x.png', 32, [{ shape: markAlone, colour: ACCENT }]],
  ['trayTemplate.png', 16, [{ shape: markAlone, colour: BLACK }]],
  ['trayTemplate@2x.png', 32, [{ shape: markAlone, colour: BLACK }]],
] as [string, number, { shape: Shape; colour: Colour }[]][])
  writeFileSync(path.join(ROOT, 'resources', file), png(size, draw(size, layers)))

function roundedSquare(margin: number, radius: number): Shape {
  return (x, y) => {
    const dx = Math.max(Math.abs(x - 0.5) - (0.5 - margin - radius), 0)
    const dy = Math.max(Math.abs(y - 0.5) - (0.5 - margin - radius), 0)
    return Math.hypot(dx, dy) <= radius
  }
}

/** The mark of the window's sidebar, in its units: strokes with round ends, on a square of 18. */
function portico(scale: number): Shape {
  return (px, py) => {
    const x = (px - 0.5) / scale + 0.5
    const y = (py - 0.5) / scale + 0.5
    return STROKES.some((stroke) => distance(x * UNITS, y * UNITS, stroke) <= STROKE_WIDTH / 2)
  }
}

function distance(x: number, y: number, [x1, y1, x2, y2]: Stroke): number {
  const along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)
  const t = Math.min(1, Math.max(0, along))
  return Math.hypot(x - x1 - t * (x2 - x1), y - y1 - t * (y2 - y1))
}

function draw(size: number, layers: { shape: Shape; colour: Colour }[]): Buffer {
  const pixels = Buffer.alloc(size * size * 4)
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (const { shape, colour } of layers) blend(pixels, (y * size + x) * 4, colour, coverage(shape, x, y, size))
  return pixels
}

function coverage(shape: Shape, x: number, y: number, size: number): number {
  let hits = 0
  for (let i = 0; i < SAMPLES * SAMPLES; i++) {
    const subX = ((i % SAMPLES) + 0.5) / SAMPLES
    const subY = (Math.floor(i / SAMPLES) + 0.5) / SAMPLES
    if (shape((x + subX) / size, (y + subY) / size)) hits++
  }
  return hits / SAMPLES ** 2
}

/** Paints over what is there (the "over" operator, straight alpha). */
function blend(pixels: Buffer, at: number, colour: Colour, alpha: number): void {
  const under = (pixels[at + 3] ?? 0) / 255
  const total = alpha + under * (1 - alpha)
  if (total === 0) return
  colour.forEach((value, channel) => {
    const below = pixels[at + channel] ?? 0
    pixels[at + channel] = Math.round((value * alpha + below * under * (1 - alpha)) / total)
  })
  pixels[at + 3] = Math.round(total * 255)
}

/** RGBA with 8 bits each, every line unfiltered (PNG, third edition, sections 5 and 11). */
function png(size: number, pixels: Buffer): Buffer {
  const lines = Array.from({ length: size }, (_, y) =>
    Buffer.concat([Buffer.of(0), pixels.subarray(y * size * 4, (y + 1) * size * 4)]),
  )
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const data = deflateSync(Buffer.concat(lines), { level: 9 })
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}
