/**
 * A long host or path, cut in the middle when it does not fit: its end tells most.
 *
 * @param bare without an element around the two parts: the parent has the class `cut`
 */
export function CutMiddle({ text, tail = 14, bare = false }: { text: string; tail?: number; bare?: boolean }) {
  const split = Math.max(0, text.length - tail)
  const parts = (
    <>
      <span className="head">{text.slice(0, split)}</span>
      <span className="tail">{text.slice(split)}</span>
    </>
  )
  if (bare) return parts
  return (
    <span className="cut" title={text}>
      {parts}
    </span>
  )
}
