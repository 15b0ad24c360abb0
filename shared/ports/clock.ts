// Time, ids and randomness: the only way use cases get them, so that every rule about weeks, expiry and tokens can be tested.

export interface Clock {
  readonly now: () => Date;
}

export interface Ids {
  /** A new id of 20 lower-case letters and digits (100 bits), safe in table keys and URLs. */
  readonly newId: () => string;
  /** A random GUID. */
  readonly newUuid: () => string;
  /** A 256-bit secret, base64url. */
  readonly newSecret: () => string;
}
