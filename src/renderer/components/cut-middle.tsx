/** A long host or path, cut in the middle when it does not fit: its end tells most. */
export function CutMiddle({ text, tail = 14 }: { text: string; tail?: number }) {
  const split = Math.max(0, text.length - tail)
  return (
    <span className="cut" title={text}>
      <span className="head">{text.slice(0, split)}</span>
      <span className="tail">{text.slice(split)}</span>
    </span>
  )
}
