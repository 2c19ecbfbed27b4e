import { X } from 'lucide-react'
import { useUi } from '../stores/ui.js'
import { strings } from '../strings.js'

const KEY_STEP = 24

/** The pane beside a list: resizable by pointer and arrow keys, closable, as wide as it was left. */
export function DetailsPane({ title, label, onClose, tabs, children }: DetailsPaneProps) {
  const { detailsWidth, setDetailsWidth } = useUi()
  return (
    <aside className="details" aria-label={label} style={{ ['--details-width' as string]: `${detailsWidth}px` }}>
      <button
        type="button"
        className="resizer"
        aria-label={strings.actions.resizeDetails}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          const pane = event.currentTarget.parentElement
          if (event.buttons === 1 && pane !== null) {
            setDetailsWidth(pane.getBoundingClientRect().right - event.clientX)
          }
        }}
        onKeyDown={({ key }) => {
          if (key === 'ArrowLeft') setDetailsWidth(detailsWidth + KEY_STEP)
          if (key === 'ArrowRight') setDetailsWidth(detailsWidth - KEY_STEP)
        }}
      />
      <header>
        <h2 title={title}>{title}</h2>
        <button
          type="button"
          className="icon-button push"
          aria-label={strings.actions.close}
          title={strings.actions.close}
          onClick={onClose}
        >
          <X className="icon" />
        </button>
      </header>
      {tabs}
      <div className="body">{children}</div>
    </aside>
  )
}

interface DetailsPaneProps {
  title: string
  /** its accessible name */
  label: string
  onClose(): void
  tabs?: React.ReactNode
  children: React.ReactNode
}
