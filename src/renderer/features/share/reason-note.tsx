import { HintText } from './hint-text.js'

/** Why something is not open to others, and what to do about it. */
export function ReasonNote({ reason: { message, hint } }: { reason: { message: string; hint?: string | undefined } }) {
  return (
    <div className="note warn">
      <strong>{message}</strong>
      {hint !== undefined && (
        <span>
          <HintText text={hint} />
        </span>
      )}
    </div>
  )
}
