import fc from 'fast-check';

/** A run of the tests shows what the code does, whatever the day. `PROPERTY_SEED=n` looks elsewhere. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.PROPERTY_SEED ?? 20_261_122) });
