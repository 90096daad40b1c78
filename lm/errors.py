"""The one exception of this package."""

from gpusim.errors import GpusimError


class LMError(GpusimError):
    """Input that `lm` cannot work with.

    The message is one sentence for the person at the keyboard: it names the file, character or option
    and says what to do.  The command line prints it and exits with status 1.
    """
