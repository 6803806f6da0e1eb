/** A change that an operator makes: said in words, with a reason, confirmed before it is sent. */
import type { ComponentChildren, JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { order } from '../api.ts';
import type { Json } from '../decode.ts';

export interface ChangeProps {
  /** On the button and above the form: "Hold growth". */
  readonly title: string;
  /** What will happen, in plain words. */
  readonly effect: ComponentChildren;
  readonly path: string;
  readonly fields?: readonly ChangeField[];
  /** The request, without its `why`. Throws with a sentence where a field cannot be. */
  readonly body: (values: Readonly<Record<string, string>>) => Json;
  readonly disabled?: boolean;
}

export interface ChangeField {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly help: string;
}

export function Change(props: ChangeProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);

  async function send(form: HTMLFormElement): Promise<void> {
    setBusy(true);
    setProblem('');
    try {
      const values = typedInto(form);
      await order(props.path, { ...props.body(values), why: values['why'] ?? '' });
      form.reset();
      dialog.current?.close();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <button type="button" disabled={props.disabled ?? false} onClick={() => dialog.current?.showModal()}>
        {props.title} …
      </button>
      <dialog ref={dialog} aria-labelledby={title}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void send(event.currentTarget);
          }}
        >
          <h2 id={title}>{props.title}</h2>
          <p>{props.effect}</p>
          {(props.fields ?? []).map((field) => (
            <label key={field.name} class="field">
              {field.label}
              <input name={field.name} defaultValue={field.value} />
              <span class="muted small">{field.help}</span>
            </label>
          ))}
          <label class="field">
            Why
            <input name="why" required maxLength={200} />
            <span class="muted small">Kept in the journal with your name.</span>
          </label>
          <p role="alert" class={problem === '' ? '' : 'trouble'}>
            {problem}
          </p>
          <p class="buttons">
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="submit" class="primary" disabled={busy}>
              {busy ? 'Sending …' : props.title}
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}

/** What stands in the fields of a form, by their names. */
export function typedInto(form: HTMLFormElement): Readonly<Record<string, string>> {
  const fields = [...new FormData(form)];
  return Object.fromEntries(
    fields.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
