from django.contrib import admin

from accounts.admin import StaffAdmin
from labs.models import Calibration, Grade, LabAttempt, LabRun, Quota, Worker

# Everything here is for looking: workers write it. Outputs are left out, for they hold what a
# learner may not see either.


@admin.register(LabRun)
class LabRunAdmin(StaffAdmin):
    list_display = ("id", "user", "activity", "purpose", "state", "claims", "worker", "created_at")
    list_filter = ("state", "purpose", "worker_class")
    list_select_related = ("user", "activity")
    search_fields = ("user__email", "request_id")


@admin.register(LabAttempt)
class LabAttemptAdmin(StaffAdmin):
    list_display = ("user", "activity", "number", "opened_at", "predicted_at", "closed_at")
    list_select_related = ("user", "activity")
    search_fields = ("user__email",)
    exclude = ("seed",)  # the hidden part of the instance can be drawn from it


@admin.register(Grade)
class GradeAdmin(StaffAdmin):
    list_display = ("run", "rubric", "score", "passed", "graded_at")
    list_select_related = ("run",)
    list_filter = ("passed",)


@admin.register(Calibration)
class CalibrationAdmin(StaffAdmin):
    list_display = ("exercise", "digest", "made_at")


@admin.register(Worker)
class WorkerAdmin(StaffAdmin):
    list_display = ("name", "worker_class", "device", "last_seen", "is_draining")


@admin.register(Quota)
class QuotaAdmin(StaffAdmin):
    list_display = ("user", "opened_at")
    list_select_related = ("user",)
