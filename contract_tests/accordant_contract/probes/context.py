"""What a probe works with: the session, the records that are known, the requests and the readings."""

from __future__ import annotations

from attrs import define, field

from ..document.policy import Policy
from ..records.filling import RequestFiller
from ..records.reading import RecordReader
from ..records.store import RecordStore
from ..target.clients import Clients
from ..target.other_credentials import OtherCredentials
from ..target.session import TargetSession


@define(eq=False)
class ProbeContext:
    """The parts of one run that its probes share; ``fields`` is how many fields of a record they change at most."""

    session: TargetSession
    policy: Policy
    seed: int
    fields: int = 8
    store: RecordStore = field(init=False, repr=False)
    filler: RequestFiller = field(init=False, repr=False)
    reader: RecordReader = field(init=False, repr=False)
    credentials: OtherCredentials = field(init=False, repr=False)
    clients: Clients = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.store = RecordStore(self.session)
        self.filler = RequestFiller(self.store, self.policy, self.seed)
        self.reader = self.filler.reader
        self.credentials = OtherCredentials(self.session)
        self.clients = Clients(self.session.target, self.session.own_arguments)
