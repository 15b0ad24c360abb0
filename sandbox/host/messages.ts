// What the launcher and the host process say to each other.

/** The clock has moved; `offset` is how far it is ahead of real time, in milliseconds. */
export interface ClockMessage {
  readonly type: 'clock';
  readonly offset: number;
}

export type ToHost = ClockMessage;
/** Ready to serve, or: has taken over this clock offset and looked at everything that became due. */
export type FromHost = { readonly type: 'ready'; readonly port: number } | ClockMessage;
