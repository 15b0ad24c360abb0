// Turning passwords into what may be stored, and comparing them with it. Both cost about the same on purpose, whatever they are given.

export interface Passwords {
  /** A text that says how it was made, so that parameters can change (PHC string format). */
  readonly hash: (password: string) => Promise<string>;
  /** Whether a password is the one. With `null` it costs the same and is false: nobody learns from the time that there is no account. */
  readonly verify: (password: string, hash: string | null) => Promise<boolean>;
}
