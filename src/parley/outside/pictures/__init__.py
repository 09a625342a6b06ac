"""Pictures as SVG: charts by Altair in a worker that starts when the first is asked for, maps from a template of ours.

Nothing of Altair or of its renderer is ever loaded into a node's own process; an idle node has no worker.
"""

from parley.outside.pictures.painter import Painter

__all__ = ["Painter"]
