/** A state: shape, word and colour together, so that none of them has to be seen. */

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'faint'
export type Shape = 'disc' | 'half' | 'triangle' | 'square' | 'ring' | 'arrow'

const PATHS: Record<Shape, string> = {
  disc: 'M5 1a4 4 0 1 1 0 8a4 4 0 1 1 0-8z',
  half: 'M5 .5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9zM5 1.9v6.2a3.1 3.1 0 0 1 0-6.2z',
  triangle: 'M5 .8 9.6 9.2H.4z',
  square: 'M1.2 1.2h7.6v7.6H1.2z',
  ring: 'M5 .8a4.2 4.2 0 1 0 0 8.4a4.2 4.2 0 1 0 0-8.4zM5 2.2a2.8 2.8 0 1 1 0 5.6a2.8 2.8 0 1 1 0-5.6z',
  arrow: 'M5.2 1.2 9 5 5.2 8.8V6H1V4h4.2z',
}

export function Mark({ shape, tone, children, title }: MarkProps) {
  return (
    <span className="mark" title={title}>
      <svg className={`shape ${tone}`} viewBox="0 0 10 10" aria-hidden="true">
        <path d={PATHS[shape]} fill="currentColor" fillRule="evenodd" />
      </svg>
      <span>{children}</span>
    </span>
  )
}

interface MarkProps {
  shape: Shape
  tone: Tone
  children: React.ReactNode
  title?: string | undefined
}
