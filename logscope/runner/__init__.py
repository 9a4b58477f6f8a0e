"""The impure loop: joins sources and session, in slices; batch, live, and what the screen asks of both."""
