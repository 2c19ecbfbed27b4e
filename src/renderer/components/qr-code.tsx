import { useMemo } from 'react'
import { encode } from 'uqr'

/** Quiet zone, in modules (ISO/IEC 18004 section 5.3.8). */
const BORDER = 4

/** A text as QR code: dark on light in every theme, because many cameras read nothing else. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { path, size } = useMemo(() => draw(text), [text])
  return (
    <svg className="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="white" />
      <path d={path} fill="black" />
    </svg>
  )
}

/** Each run of dark modules in a row is one piece of the path. */
function draw(text: string): { path: string; size: number } {
  const { data, size } = encode(text, { ecc: 'M', border: BORDER })
  const pieces = data.flatMap((row, y) => {
    const found: string[] = []
    for (let x = 0; x < row.length; x++) {
      const begin = x
      while (row[x] === true) x++
      if (x > begin) found.push(`M${begin} ${y}h${x - begin}v1h${begin - x}z`)
    }
    return found
  })
  return { path: pieces.join(''), size }
}
