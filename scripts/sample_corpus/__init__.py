"""A small synchronous grammar that writes English and German side by side, with word alignments."""
