import { X } from 'lucide-react'
import { useToasts } from '../stores/toasts.js'
import { strings } from '../strings.js'

/** Short messages in the corner, read out as they come. */
export function Toaster() {
  const { toasts, dismiss } = useToasts()
  return (
    <section className="toasts" aria-live="polite">
      {toasts.map(({ id, message, hint, tone, action }) => (
        <div key={id} className={`toast ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
          <div>
            <div className={tone === 'bad' ? 'bad' : undefined}>{message}</div>
            {hint !== undefined && <div className="soft">{hint}</div>}
          </div>
          <div className="push">
            {action !== undefined && (
              <button
                type="button"
                className="button small"
                onClick={() => {
                  action.run()
                  dismiss(id)
                }}
              >
                {action.label}
              </button>
            )}
            <button
              type="button"
              className="icon-button"
              aria-label={strings.actions.dismiss}
              onClick={() => dismiss(id)}
            >
              <X className="icon" />
            </button>
          </div>
        </div>
      ))}
    </section>
  )
}
