/** The circumstances of an exchange that are not the upstream's: what it was for, how far it came, and why there was no answer. */

/** What an exchange was for. `usage`: the answer of a usage endpoint. */
export type Purpose = 'request' | 'connection_test' | 'probe' | 'usage';

/** How far an answer has come. `headers`: nothing of the body. `first_event`: nothing given to the client yet. `mid_stream`: the client has part of it. */
export type Phase = 'complete' | 'headers' | 'first_event' | 'mid_stream';

/** Why there was no answer. */
export type TransportFailure = 'connect' | 'timeout' | 'reset' | 'empty_stream' | 'client_abort';
