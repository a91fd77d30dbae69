"""The outbox: the only place from which anything leaves (fixed point 3).

`sender` the loop over all lanes · `lane` one lane: claim, deliver, settle · `verdict` what a call comes to ·
`pace` what one platform bears · `stock` what bulk sets aside · `shares`, `sharing` a pace that workers share.
"""

from bot.outbox.sender import Sender
from bot.outbox.verdict import Sending

__all__ = ["Sender", "Sending"]
