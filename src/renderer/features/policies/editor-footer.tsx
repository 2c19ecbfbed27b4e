import { strings } from '../../strings.js'
import type { Standing } from './policy-scopes.js'

const text = strings.policies

/** The ways out of the editor: turn off, go back to what the app has, give up, or save what the form says. */
export function EditorFooter({ standing, ofRoute, disabled, onSet, onClose }: EditorFooterProps) {
  const { own, shared, settings } = standing
  const inherits = ofRoute && shared !== undefined && shared !== false
  return (
    <footer>
      {settings !== null && (
        <button type="button" className="button danger" onClick={() => onSet(inherits ? false : undefined)}>
          {inherits ? text.turnOffHere : text.turnOff}
        </button>
      )}
      {inherits && own !== undefined && (
        <button type="button" className="button" onClick={() => onSet(undefined)}>
          {text.useApps}
        </button>
      )}
      <button type="button" className="button push" onClick={onClose}>
        {strings.actions.cancel}
      </button>
      <button type="submit" className="button primary" disabled={disabled}>
        {settings === null ? text.turnOn : strings.actions.save}
      </button>
    </footer>
  )
}

interface EditorFooterProps {
  standing: Standing
  /** whether it is the policy of a route, which may have one of its app */
  ofRoute: boolean
  disabled: boolean
  /** @param settings `false` turns the app's off, undefined takes away what is set there */
  onSet(settings: false | undefined): void
  onClose(): void
}
