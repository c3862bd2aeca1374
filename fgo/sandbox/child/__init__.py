"""The side of the sandbox that runs next to the model's code. Its modules are sent to a bare interpreter as code objects
(fgo/sandbox/payload.py): they import only each other and cheap parts of the standard library, for a launch costs what
they cost."""
