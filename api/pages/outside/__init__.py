"""The systems outside, a module each; `systems` lists them all."""
