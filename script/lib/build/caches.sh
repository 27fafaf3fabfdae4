# dist/aot: start-up caches of the server, the agent and the command line. Sourced by script/build.

# make_caches DIST: none yet. They are trained by rehearsing real use: a server and an agent that live
# through one push and one run, and a few short commands.
make_caches() { :; }
