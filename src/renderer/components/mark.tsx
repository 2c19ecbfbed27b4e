/**
 * A state: shape, word and colour together, so that none of them has to be seen. The shape is drawn by the style sheet:
 * a list has hundreds, and each element of a row costs time when rows come by the thousand.
 */
export function Mark({ shape, tone, children, title }: MarkProps) {
  return (
    <span className={`mark ${shape} ${tone}-shape`} title={title}>
      {children}
    </span>
  )
}

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'faint'
export type Shape = 'disc' | 'half' | 'triangle' | 'square' | 'ring' | 'arrow'

interface MarkProps {
  shape: Shape
  tone: Tone
  children: React.ReactNode
  title?: string | undefined
}
