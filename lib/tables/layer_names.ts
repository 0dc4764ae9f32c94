/**
 * What the parts of a network are called in tables. An encoder's parts before the embedding have
 * names of their own; a projector's hidden layers before the last are P1, P2, ...
 *
 * @module
 */

/** The encoder's output. */
export const EMBEDDING = "embedding";
/** The projector's last hidden layer, after its ReLU. */
export const PROJECTOR = "P";
/** The projector's output: one value per class. */
export const OUTPUT = "O";
