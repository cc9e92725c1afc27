"""What reviewers let Claira do: kinds of tasks, as large as a case on Pro has them."""

from dataclasses import dataclass

from app.domain.rates import ScanMode, TaskKind


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of task. names may hold {batch}, {person}, {production} and {year}.

    often: its weight among those of a case. least, most: documents. fields: of a Multi-Code; None: a scan.
    modes: of the documents of an AUTO task, shares of text, image, audio and video.
    """

    names: tuple[str, ...]
    often: int
    mode: ScanMode
    least: int
    most: int
    fields: int | None = None
    modes: tuple[float, float, float, float] = (0.72, 0.23, 0.03, 0.02)
    single: bool = False

    @property
    def kind(self) -> TaskKind:
        return TaskKind.SCAN if self.fields is None else TaskKind.MULTI_CODE


FIRST_LEVEL = (Work(("First-level review, batch {batch}", "Email of {person}, {year}"), 6, ScanMode.TEXT, 250, 900),)

REVIEW = (
    Work(("Intake of {person}, loose files", "Shared drive, batch {batch}"), 5, ScanMode.AUTO, 40, 160),
    Work(("Scanned binders, batch {batch}", "Exhibits to the affidavit of {person}"), 3, ScanMode.IMAGE, 35, 130),
    Work(("Privilege screen, batch {batch}",), 3, ScanMode.TEXT, 80, 260, fields=3),
    Work(("Issue coding, batch {batch}",), 2, ScanMode.TEXT, 60, 180, fields=6),
    Work(("Production {production}: quality check",), 2, ScanMode.TEXT, 150, 400),
    Work(("Voicemail of {person}",), 1, ScanMode.AUDIO, 6, 24),
    Work(("A letter from {person}", "Draft reply to {person}"), 2, ScanMode.TEXT, 1, 1, single=True),
)

PREMIER_NIVEAU = (
    Work(("Examen de premier niveau, lot {batch}", "Courriels de {person}, {year}"), 6, ScanMode.TEXT, 250, 900),
)

LAST_HOURS = Work(("Coding before the production closes",), 1, ScanMode.TEXT, 1, 1, fields=8)
"""Takes all that there is, and some overage."""

EXAMEN = (
    Work(("Fichiers reçus de {person}", "Lecteur partagé, lot {batch}"), 5, ScanMode.AUTO, 40, 160),
    Work(("Cartables numérisés, lot {batch}", "Pièces, déclaration de {person}"), 3, ScanMode.IMAGE, 35, 130),
    Work(("Secret professionnel, lot {batch}",), 3, ScanMode.TEXT, 80, 260, fields=3),
    Work(("Codage par question en litige, lot {batch}",), 2, ScanMode.TEXT, 60, 180, fields=6),
    Work(("Communication {production}\N{NO-BREAK SPACE}: contrôle de qualité",), 2, ScanMode.TEXT, 150, 400),
    Work(("Messages vocaux de {person}",), 1, ScanMode.AUDIO, 6, 24),
    Work(("Lettre de {person}", "Projet de réponse à {person}"), 2, ScanMode.TEXT, 1, 1, single=True),
)

BRIDGE = (
    Work(("Bridge recordings, watch {batch}",), 3, ScanMode.AUDIO, 25, 80),
    Work(("Port cameras, batch {batch}",), 2, ScanMode.VIDEO, 10, 35),
    Work(("Charts and log books, batch {batch}",), 3, ScanMode.IMAGE, 40, 120, fields=3),
)
CONTROL_ROOM = (
    Work(("Salle de contrôle, appels, lot {batch}",), 6, ScanMode.AUDIO, 60, 180),
    Work(("Plans et relevés, lot {batch}",), 8, ScanMode.IMAGE, 90, 260, fields=6),
    Work(("Inspections filmées, ligne {batch}",), 5, ScanMode.VIDEO, 30, 90),
    Work(("Rapports d’incident, lot {batch}",), 6, ScanMode.TEXT, 150, 380, fields=8),
)
PLANT = (
    Work(("Hotline calls, batch {batch}",), 8, ScanMode.AUDIO, 70, 190, fields=8),
    Work(("Line 4 cameras, batch {batch}", "Loading dock cameras, batch {batch}"), 8, ScanMode.VIDEO, 60, 170),
    Work(("Batch records, plant {batch}",), 8, ScanMode.IMAGE, 90, 260, fields=8),
    Work(("Consumer complaints, batch {batch}",), 4, ScanMode.AUTO, 120, 300, modes=(0.4, 0.5, 0.07, 0.03)),
    Work(("Recall notices, batch {batch}", "Email of {person}, {year}"), 2, ScanMode.TEXT, 150, 400),
    Work(("Privilege screen, batch {batch}",), 2, ScanMode.TEXT, 80, 260, fields=4),
)
DISPATCH = (
    Work(("Dispatch radio, batch {batch}",), 7, ScanMode.AUDIO, 50, 150),
    Work(("Locomotive camera, run {batch}",), 5, ScanMode.VIDEO, 20, 70),
    Work(("Track inspection forms, batch {batch}",), 7, ScanMode.IMAGE, 80, 220, fields=5),
)
MEMBERS = (
    Work(("Letters to members, batch {batch}",), 4, ScanMode.TEXT, 60, 220),
    Work(("Trustee minutes, {year}",), 3, ScanMode.TEXT, 30, 120),
    Work(("Actuarial reports, {year}",), 2, ScanMode.IMAGE, 10, 40),
    Work(("A question about {person}", "Letter from {person}"), 5, ScanMode.IMAGE, 1, 1, single=True),
    Work(("Summary of the {year} report",), 3, ScanMode.TEXT, 1, 1, single=True),
)
