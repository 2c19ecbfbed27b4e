/** A line of the latest values, oldest first; decoration beside the number that says the same. */
export function Sparkline({ values, width, height }: { values: readonly number[]; width: number; height: number }) {
  const most = Math.max(1, ...values)
  const step = width / Math.max(1, values.length - 1)
  const points = values.map((value, index) => `${round(index * step)},${round(height - (value / most) * height)}`)
  return (
    <svg
      className={values.some((value) => value > 0) ? 'sparkline' : 'sparkline flat'}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
    >
      <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} fill="currentColor" opacity="0.14" />
      <polyline points={points.join(' ')} fill="none" stroke="currentColor" strokeWidth="1.25" strokeLinejoin="round" />
    </svg>
  )
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
