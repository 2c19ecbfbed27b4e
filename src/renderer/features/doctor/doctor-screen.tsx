import { useEffect } from 'react'
import { Mark } from '../../components/mark.js'
import { FaultNote } from '../../components/states.js'
import { formatExact, formatRelative } from '../../format.js'
import { runDoctor, useDoctor } from '../../stores/doctor.js'
import { strings } from '../../strings.js'
import { groupChecks } from './check-groups.js'
import { CheckLine } from './check-line.js'

const text = strings.doctor

/** What the doctor has found, by what it is about. It looks when the screen is first opened, and when it is told to. */
export function DoctorScreen() {
  const { checks, running, busy, time, fault } = useDoctor()
  useEffect(() => {
    if (useDoctor.getState().time === null) void runDoctor()
  }, [])
  return (
    <div className="screen">
      <header>
        <h1>{strings.screens.doctor}</h1>
        <Summary />
        <span className="push faint">
          {time !== null && <span title={formatExact(time)}>{text.lastRun(formatRelative(time, Date.now()))}</span>}
        </span>
        <button type="button" className="button" disabled={busy} onClick={() => void runDoctor()}>
          {busy ? text.checking : text.check}
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: while nothing in it can be pressed, the keyboard scrolls it */}
      <section className="scroll" tabIndex={0} aria-label={text.findings}>
        <div className="page doctor">
          <p className="soft">{text.intro}</p>
          {fault !== null && <FaultNote fault={fault} retry={() => void runDoctor()} />}
          {groupChecks(checks, running).map(({ name, rows }) => (
            <section key={name} aria-label={text.groups[name]}>
              <h2>{text.groups[name]}</h2>
              <ul className="checks">
                {rows.map((row) => (
                  <CheckLine key={row.id} row={row} />
                ))}
              </ul>
            </section>
          ))}
        </div>
      </section>
    </div>
  )
}

function Summary() {
  const { checks, busy, time } = useDoctor()
  const count = (wanted: string) => checks.filter(({ status }) => status === wanted).length
  const [fails, warns] = [count('fail'), count('warn')]
  const [shape, tone] =
    fails > 0 ? (['square', 'bad'] as const) : warns > 0 ? (['triangle', 'warn'] as const) : (['disc', 'good'] as const)
  return (
    <output>
      {time !== null && !busy && (
        <Mark shape={shape} tone={tone}>
          {text.summary(fails, warns)}
        </Mark>
      )}
    </output>
  )
}
